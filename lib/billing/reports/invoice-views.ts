import { and, desc, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { invoiceLines, invoices } from "#db/schema/billing.ts";
import { finalInvoiceStatuses } from "#lib/billing/customer/invoice-statuses.ts";
import { invoicePurpose } from "#lib/billing/reports/invoice-purpose.ts";
import { type ReturnedPayment, readReturnedPayments } from "#lib/billing/reports/returned-payments.ts";
import { fromCents } from "#lib/core/money.ts";
import { taxLineId } from "#lib/gateways/stripe/tax.ts";

/** An invoice as the billing page shows it. */
export type InvoiceView = {
  id: string;
  number: string | null;
  status: string;
  /** What it bills, in a few words. */
  purpose: string;
  totalMicros: number;
  /** The tax within the total. */
  taxMicros: number;
  /** The open amount, which a customer balance may have reduced. */
  dueMicros: number;
  /** Refunds and disputes of its payments; null without any. */
  returned: ReturnedPayment | null;
  createdAt: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
};

export type InvoiceRow = typeof invoices.$inferSelect & { lines: (typeof invoiceLines.$inferSelect)[] };

const newestInvoices = 24;

/** Reads a workspace's newest invoices with their lines, without drafts. */
export async function readInvoices(tx: Tx, workspaceId: string): Promise<InvoiceRow[]> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(and(eq(invoices.workspaceId, workspaceId), inArray(invoices.status, [...finalInvoiceStatuses])))
    .orderBy(desc(invoices.createdAt), desc(invoices.id))
    .limit(newestInvoices);
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const lines = await tx.select().from(invoiceLines).where(inArray(invoiceLines.invoiceId, ids));
  return rows.map((row) => ({ ...row, lines: lines.filter(({ invoiceId }) => invoiceId === row.id) }));
}

/** Converts invoices for display, with their refunds and disputes. */
export async function viewInvoices(tx: Tx, workspaceId: string, rows: InvoiceRow[]): Promise<InvoiceView[]> {
  const returned = rows.length === 0 ? null : await readReturnedPayments(tx, workspaceId);
  return rows.map((row) => toView(row, returned?.get(row.id) ?? null));
}

function toView({ lines, ...row }: InvoiceRow, returned: ReturnedPayment | null): InvoiceView {
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
