import { and, eq, inArray, notInArray, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { invoiceLines, invoices } from "#db/schema/billing.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";

/**
 * Writes the lines of a customer's invoices and deletes lines that are no longer on their invoice, since a
 * draft's lines change. Call it after the invoices were written.
 */
export async function writeInvoiceLines(
  tx: Tx,
  workspaceId: string,
  { invoices: fetched, lookupKeys }: CustomerState,
): Promise<void> {
  if (fetched.length === 0) return;
  const rows = fetched.flatMap((invoice) =>
    invoice.lines.map(({ priceId, subscriptionId: _subscription, quantity: _quantity, ...line }) => ({
      ...line,
      invoiceId: invoice.id,
      lookupKey: lookupKeys.get(priceId ?? "") ?? null,
    })),
  );
  const ids = rows.map((row) => row.id);
  const ownInvoices = tx
    .select({ id: invoices.id })
    .from(invoices)
    .where(
      and(
        eq(invoices.workspaceId, workspaceId),
        inArray(
          invoices.id,
          fetched.map(({ id }) => id),
        ),
      ),
    );
  await tx
    .delete(invoiceLines)
    .where(
      and(
        inArray(invoiceLines.invoiceId, ownInvoices),
        ids.length === 0 ? undefined : notInArray(invoiceLines.id, ids),
      ),
    );
  if (rows.length === 0) return;
  await tx
    .insert(invoiceLines)
    .values(rows)
    .onConflictDoUpdate({
      target: invoiceLines.id,
      set: {
        invoiceId: sql`excluded.invoice_id`,
        subscriptionItemId: sql`excluded.subscription_item_id`,
        lookupKey: sql`excluded.lookup_key`,
        description: sql`excluded.description`,
        isProration: sql`excluded.is_proration`,
        amountCents: sql`excluded.amount_cents`,
        periodStart: sql`excluded.period_start`,
        periodEnd: sql`excluded.period_end`,
      },
    });
}
