import { and, asc, eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { charges, invoiceLines, invoices } from "#db/schema/billing.ts";
import { type ExplainedGrant, readExplainedGrants } from "#lib/billing/explain-grants.ts";
import { creditKeysOf } from "#lib/billing/invoice-credit.ts";
import { taxLineId } from "#lib/gateways/stripe-tax.ts";
import { notFound } from "#lib/ground/errors.ts";

export type ExplainedLine = {
  id: string;
  description: string | null;
  lookupKey: string | null;
  isProration: boolean;
  isTax: boolean;
  /** Whether it stands for the invoice's discounts, which no line of Stripe's says. */
  isDiscount: boolean;
  amountCents: number;
  periodStart: Date;
  periodEnd: Date;
  grants: ExplainedGrant[];
};

/** An invoice down to the answers that its credit paid for. Its lines come to its total. */
export type InvoiceExplanation = {
  id: string;
  number: string | null;
  status: string;
  totalCents: number;
  amountPaidCents: number;
  createdAt: Date;
  paidAt: Date | null;
  /** What went back of the payments, disputes included. */
  returnedCents: number;
  lines: ExplainedLine[];
};

/**
 * Explains an invoice of a workspace: each line, the credit it gave, and what became of that credit.
 * @param answersBefore where the list of a grant's answers goes on: the grant's id and the last entry shown
 * @throws AppError not_found, also for an invoice of somebody else
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
  const grants = await readExplainedGrants(tx, workspaceId, [...keys.values()].flat(), answersBefore);
  const { id, number, status, totalCents, amountPaidCents, createdAt, paidAt } = invoice;
  const explained = lines.map(({ invoiceId: _invoice, subscriptionItemId: _item, ...line }) => ({
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
    lines: [...explained, ...missingLine(invoice, explained)],
  };
}

/**
 * What the known lines lack to come to the total: discounts, which Stripe takes off the whole, or lines that are not known
 * here. Nothing where no line is known at all. Pure.
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
