import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { charges } from "#db/schema/billing.ts";
import { disputedCentsOf } from "#lib/billing/credit/refunds-and-disputes.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";

/**
 * Writes a customer's payments with their refunds and disputes. A payment whose invoice was not fetched keeps
 * the invoice id that is already stored.
 */
export async function writeCharges(
  tx: Tx,
  workspaceId: string,
  { payments }: CustomerState,
  at: Date,
): Promise<void> {
  if (payments.length === 0) return;
  await tx
    .insert(charges)
    .values(
      payments.map(({ disputes, ...payment }) => ({
        ...payment,
        workspaceId,
        disputedCents: disputedCentsOf({ disputes }),
        syncedAt: at,
      })),
    )
    .onConflictDoUpdate({
      target: charges.id,
      set: {
        invoiceId: sql`coalesce(excluded.invoice_id, ${charges.invoiceId})`,
        paymentIntentId: sql`excluded.payment_intent_id`,
        amountCents: sql`excluded.amount_cents`,
        refundedCents: sql`excluded.refunded_cents`,
        disputedCents: sql`excluded.disputed_cents`,
        syncedAt: sql`excluded.synced_at`,
      },
    });
}
