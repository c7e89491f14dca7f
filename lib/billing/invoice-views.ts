import { and, desc, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { invoiceLines, invoices } from "#db/schema/billing.ts";
import { invoicePurpose } from "#lib/billing/invoice-purpose.ts";
import { type ReturnedMoney, readReturnedMoney } from "#lib/billing/returned-money.ts";
import { taxLineId } from "#lib/gateways/stripe-tax.ts";
import { fromCents } from "#lib/ground/money.ts";

/** An invoice as its customer sees it. */
export type InvoiceView = {
  id: string;
  number: string | null;
  status: string;
  /** What it is for, in a few words. */
  purpose: string;
  totalMicros: number;
  /** How much of the total was added as tax. */
  taxMicros: number;
  /** What is still to be paid, which a balance may have made less than the total. */
  dueMicros: number;
  /** What went back of its payments; null where nothing did. */
  returned: ReturnedMoney | null;
  createdAt: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
};

export type InvoiceRow = typeof invoices.$inferSelect & { lines: (typeof invoiceLines.$inferSelect)[] };

const newestInvoices = 24;

/** A workspace's newest invoices with their lines; drafts are none yet. */
export async function readInvoices(tx: Tx, workspaceId: string): Promise<InvoiceRow[]> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.workspaceId, workspaceId),
        inArray(invoices.status, ["open", "paid", "void", "uncollectible"]),
      ),
    )
    .orderBy(desc(invoices.createdAt), desc(invoices.id))
    .limit(newestInvoices);
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const lines = await tx.select().from(invoiceLines).where(inArray(invoiceLines.invoiceId, ids));
  return rows.map((row) => ({ ...row, lines: lines.filter(({ invoiceId }) => invoiceId === row.id) }));
}

/** What a customer is shown of their invoices, with what went back of each. */
export async function viewInvoices(tx: Tx, workspaceId: string, rows: InvoiceRow[]): Promise<InvoiceView[]> {
  const returned = rows.length === 0 ? null : await readReturnedMoney(tx, workspaceId);
  return rows.map((row) => viewOf(row, returned?.get(row.id) ?? null));
}

function viewOf({ lines, ...row }: InvoiceRow, returned: ReturnedMoney | null): InvoiceView {
  const { id, number, status, billingReason, createdAt, hostedUrl, pdfUrl } = row;
  const tax = lines.find((line) => line.id === taxLineId(id));
  return {
    ...{ id, number, status, createdAt, hostedUrl, pdfUrl, returned },
    purpose: invoicePurpose(
      billingReason,
      lines.filter((line) => line !== tax),
    ),
    totalMicros: fromCents(row.totalCents),
    taxMicros: fromCents(tax?.amountCents ?? 0),
    dueMicros: fromCents(row.amountDueCents - row.amountPaidCents),
  };
}
