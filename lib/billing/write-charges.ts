import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { charges } from "#db/schema/billing.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { disputedCentsOf } from "#lib/billing/money-back.ts";

/**
 * Notes what a customer has paid, and what went back of each payment. One whose invoice is not at hand any more keeps the one
 * that was known.
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
