import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { billingCustomers } from "#db/schema/billing.ts";
import { chargedCardOf } from "#lib/billing/charged-card.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";

/**
 * Writes down the card that is charged and how invoices are addressed, as Stripe has them. Of a customer that Stripe has
 * deleted nothing of it is kept.
 */
export async function writePaymentDetails(tx: Tx, workspaceId: string, state: CustomerState): Promise<void> {
  const card = chargedCardOf(state);
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
    .where(eq(billingCustomers.workspaceId, workspaceId));
}
