import { and, asc, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { charges, invoiceLines, invoices } from "#db/schema/billing.ts";
import { creditKeysOf } from "#lib/billing/credit/invoice-credit.ts";
import { type ExplainedGrant, explainGrants } from "#lib/billing/reports/explain-grants.ts";
import { notFound } from "#lib/core/errors.ts";
import { taxLineId } from "#lib/gateways/stripe/tax.ts";

export type ExplainedLine = {
  id: string;
  description: string | null;
  lookupKey: string | null;
  isProration: boolean;
  isTax: boolean;
  /** Whether the line holds the invoice's discounts, which Stripe does not list as a line. */
  isDiscount: boolean;
  amountCents: number;
  periodStart: Date;
  periodEnd: Date;
  grants: ExplainedGrant[];
};

/**
 * An invoice with its lines, their credit, and the generations that the credit paid for. The lines sum to the
 * total.
 */
export type InvoiceExplanation = {
  id: string;
  number: string | null;
  status: string;
  totalCents: number;
  amountPaidCents: number;
  createdAt: Date;
  paidAt: Date | null;
  /** Refunds and disputes of its payments. */
  returnedCents: number;
  lines: ExplainedLine[];
};

/**
 * Explains an invoice of a workspace: each line, the credit it granted, and how that credit was used.
 * @param answersBefore continues the entries of one grant: the grant's id and the last returned entry
 * @throws AppError not_found, also for another workspace's invoice
 */
export async function explainInvoice(
  tx: Tx,
  workspaceId: string,
  invoiceId: string,
  answersBefore?: { grantId: string; entryId: number },
): Promise<InvoiceExplanation> {
  const [invoice] = await tx
    .select()
    .from(invoices)
    .where(and(eq(invoices.id, invoiceId), eq(invoices.workspaceId, workspaceId)));
  if (invoice === undefined) throw notFound("invoice");
  const [lines, payments] = await Promise.all([
    tx
      .select()
      .from(invoiceLines)
      .where(eq(invoiceLines.invoiceId, invoiceId))
      .orderBy(asc(invoiceLines.periodStart), asc(invoiceLines.id)),
    tx
      .select()
      .from(charges)
      .where(and(eq(charges.workspaceId, workspaceId), eq(charges.invoiceId, invoiceId))),
  ]);
  const paymentIntentIds = payments.map((payment) => payment.paymentIntentId).filter((id) => id !== null);
  const keys = creditKeysOf({ ...invoice, paymentIntentIds }, lines);
  const grants = await explainGrants(tx, workspaceId, [...keys.values()].flat(), answersBefore);
  const { id, number, status, totalCents, amountPaidCents, createdAt, paidAt } = invoice;
  const explainedLines = lines.map(({ invoiceId: _invoice, subscriptionItemId: _item, ...line }) => ({
    ...line,
    isTax: line.id === taxLineId(id),
    isDiscount: false,
    grants: grants.filter(({ sourceKey }) => keys.get(line.id)?.includes(sourceKey)),
  }));
  return {
    ...{ id, number, status, totalCents, amountPaidCents, createdAt, paidAt },
    returnedCents: payments.reduce(
      (sum, { amountCents, refundedCents, disputedCents }) =>
        sum + Math.min(amountCents, refundedCents + disputedCents),
      0,
    ),
    lines: [...explainedLines, ...missingLine(invoice, explainedLines)],
  };
}

/**
 * Returns a line for the difference between the lines and the total: discounts, which Stripe subtracts from
 * the total, or lines that were not fetched. Empty when nothing differs or no line is known. Pure.
 */
export function missingLine(
  {
    id,
    totalCents,
    periodStart,
    periodEnd,
  }: Pick<typeof invoices.$inferSelect, "id" | "totalCents" | "periodStart" | "periodEnd">,
  lines: Pick<ExplainedLine, "amountCents">[],
): ExplainedLine[] {
  const amountCents = totalCents - lines.reduce((sum, line) => sum + line.amountCents, 0);
  if (lines.length === 0 || amountCents === 0) return [];
  const isDiscount = amountCents < 0;
  return [
    {
      id: `${id}:missing`,
      description: isDiscount ? "Discounts" : "Lines that are not known here",
      lookupKey: null,
      isProration: false,
      isTax: false,
      isDiscount,
      amountCents,
      periodStart,
      periodEnd,
      grants: [],
    },
  ];
}
