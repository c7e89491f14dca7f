import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { findDefaultCard } from "#lib/billing/customer/default-card.ts";

/**
 * Writes the default card and the billing details of a customer. For a customer deleted at Stripe it clears
 * them.
 */
export async function writePaymentDetails(tx: Tx, state: CustomerState): Promise<void> {
  const card = findDefaultCard(state);
  await tx
    .update(billingCustomers)
    .set({
      cardBrand: card?.brand ?? null,
      cardLast4: card?.last4 ?? null,
      cardExpMonth: card?.expMonth ?? null,
      cardExpYear: card?.expYear ?? null,
      invoiceName: state.details?.name ?? null,
      address: state.details?.address ?? null,
      taxIds: state.details?.taxIds ?? [],
    })
    .where(eq(billingCustomers.stripeCustomerId, state.customerId));
}
