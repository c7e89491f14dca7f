import { and, desc, eq, inArray } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { invoiceLines, invoices } from "#db/schema/billing.ts";
import { finalInvoiceStatuses } from "#lib/billing/customer/invoice-statuses.ts";
import { type InvoicePurpose, invoicePurpose } from "#lib/billing/reports/invoice-purpose.ts";
import { type ReturnedPayment, readReturnedPayments } from "#lib/billing/reports/returned-payments.ts";
import { fromMinorUnits } from "#lib/core/money.ts";
import { taxLineId } from "#lib/gateways/stripe/tax.ts";

/** An invoice as the billing page shows it. */
export type InvoiceView = {
  id: string;
  number: string | null;
  status: string;
  purpose: InvoicePurpose[];
  /** ISO 4217; the amounts are millionths of its unit. */
  currency: string;
  totalMicros: number;
  /** The tax within the total. */
  taxMicros: number;
  /** The open amount, which a customer balance may have reduced. */
  dueMicros: number;
  /** Until when a sent invoice is to be paid; null for one that is charged automatically. */
  dueAt: Date | null;
  /** Refunds and disputes of its payments; null without any. */
  returned: ReturnedPayment | null;
  createdAt: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
};

export type InvoiceRow = typeof invoices.$inferSelect & { lines: (typeof invoiceLines.$inferSelect)[] };

const newestInvoices = 24;

/** Reads a workspace's newest invoices with their lines. Drafts are not shown to customers. */
export async function readInvoices(tx: Tx, workspaceId: string): Promise<InvoiceRow[]> {
  const rows = await tx
    .select()
    .from(invoices)
    .where(
      and(
        eq(invoices.workspaceId, workspaceId),
        inArray(invoices.status, ["draft", ...finalInvoiceStatuses]),
      ),
    )
    .orderBy(desc(invoices.createdAt), desc(invoices.id))
    .limit(newestInvoices);
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const lines = await tx.select().from(invoiceLines).where(inArray(invoiceLines.invoiceId, ids));
  return rows.map((row) => ({ ...row, lines: lines.filter(({ invoiceId }) => invoiceId === row.id) }));
}

/** Converts final invoices for display, with their refunds and disputes. */
export async function viewInvoices(tx: Tx, workspaceId: string, all: InvoiceRow[]): Promise<InvoiceView[]> {
  const rows = all.filter(({ status }) => status !== "draft");
  const returned = rows.length === 0 ? null : await readReturnedPayments(tx, workspaceId);
  return rows.map((row) => toView(row, returned?.get(row.id) ?? null));
}

function toView({ lines, ...row }: InvoiceRow, returned: ReturnedPayment | null): InvoiceView {
  const { id, number, status, billingReason, currency, createdAt, dueAt, hostedUrl, pdfUrl } = row;
  const tax = lines.find((line) => line.id === taxLineId(id));
  return {
    ...{ id, number, status, currency, createdAt, dueAt, hostedUrl, pdfUrl, returned },
    purpose: invoicePurpose(
      billingReason,
      lines.filter((line) => line !== tax),
    ),
    totalMicros: fromMinorUnits(row.totalCents, currency),
    taxMicros: fromMinorUnits(tax?.amountCents ?? 0, currency),
    dueMicros: fromMinorUnits(row.amountDueCents - row.amountPaidCents, currency),
  };
}
