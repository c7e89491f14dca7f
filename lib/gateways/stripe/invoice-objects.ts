import type Stripe from "stripe";
import { dateOf, dateOrNull, idOrNull } from "#lib/gateways/stripe/objects.ts";
import { taxCentsOf, taxLineId } from "#lib/gateways/stripe/tax.ts";

/** An invoice line reduced to the fields we use. Times are Dates, amounts the currency's smallest unit. */
export type StripeInvoiceLine = {
  id: string;
  subscriptionItemId: string | null;
  subscriptionId: string | null;
  priceId: string | null;
  /** The number of units; a proration's is the one it was computed for. */
  quantity: number;
  /** The text on the invoice. */
  description: string | null;
  isProration: boolean;
  amountCents: number;
  periodStart: Date;
  periodEnd: Date;
};
/** An invoice reduced to the fields we use. */
export type StripeInvoice = {
  id: string;
  subscriptionId: string | null;
  number: string | null;
  status: string;
  billingReason: string | null;
  currency: string;
  totalCents: number;
  amountPaidCents: number;
  amountDueCents: number;
  periodStart: Date;
  periodEnd: Date;
  hostedUrl: string | null;
  pdfUrl: string | null;
  attemptCount: number;
  nextPaymentAttemptAt: Date | null;
  /** Until when a sent invoice is to be paid; null for one that is charged automatically. */
  dueAt: Date | null;
  createdAt: Date;
  finalizedAt: Date | null;
  paidAt: Date | null;
  lines: StripeInvoiceLine[];
  hasMoreLines: boolean;
  /** Ids of the invoice's payments; empty when payments were not expanded. */
  paymentIntentIds: string[];
  /** Whether credit notes reduced it, before or after its payment. */
  hasCreditNotes: boolean;
  /** Its credit notes; listed separately, so `toInvoice` leaves them empty. */
  creditNotes: StripeCreditNote[];
};
/** A credit note in force: money of an invoice that was waived or returned. */
export type StripeCreditNote = {
  id: string;
  /** The whole amount, of which `refundedCents` were returned by refunds of the invoice's payments. */
  amountCents: number;
  refundedCents: number;
  /** The credited amount of each invoice line; null when the note names no lines. */
  lines: { invoiceLineId: string; amountCents: number }[] | null;
};

/** Converts an invoice. Its parent names the subscription. */
export function toInvoice(invoice: Stripe.Invoice): StripeInvoice {
  return {
    id: invoice.id,
    subscriptionId: idOrNull(invoice.parent?.subscription_details?.subscription ?? null),
    number: invoice.number,
    status: invoice.status ?? "draft",
    billingReason: invoice.billing_reason,
    currency: invoice.currency,
    totalCents: invoice.total,
    amountPaidCents: invoice.amount_paid,
    amountDueCents: invoice.amount_due,
    periodStart: dateOf(invoice.period_start),
    periodEnd: dateOf(invoice.period_end),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    attemptCount: invoice.attempt_count,
    nextPaymentAttemptAt: dateOrNull(invoice.next_payment_attempt),
    dueAt: dateOrNull(invoice.due_date),
    createdAt: dateOf(invoice.created),
    finalizedAt: dateOrNull(invoice.status_transitions.finalized_at),
    paidAt: dateOrNull(invoice.status_transitions.paid_at),
    lines: [...invoice.lines.data.map(toInvoiceLine), ...taxLinesOf(invoice)],
    hasMoreLines: invoice.lines.has_more,
    paymentIntentIds: (invoice.payments?.data ?? [])
      .map(({ payment }) => idOrNull(payment.payment_intent ?? null))
      .filter((id) => id !== null),
    hasCreditNotes: invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount > 0,
    creditNotes: [],
  };
}

/** Converts a credit note. */
export function toCreditNote(note: Stripe.CreditNote): StripeCreditNote {
  const lines = note.lines.data.map(({ invoice_line_item: invoiceLineId, amount: amountCents }) =>
    invoiceLineId === undefined ? null : { invoiceLineId, amountCents },
  );
  const known = lines.filter((line) => line !== null);
  return {
    id: note.id,
    amountCents: note.amount,
    refundedCents: note.refunds.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0),
    lines: known.length === lines.length && !note.lines.has_more ? known : null,
  };
}

/** Stripe keeps tax outside the lines; we add it as a line, so that the lines sum to the total. */
function taxLinesOf(invoice: Stripe.Invoice): StripeInvoiceLine[] {
  const amountCents = taxCentsOf(invoice);
  if (amountCents === 0) return [];
  const period = { periodStart: dateOf(invoice.period_start), periodEnd: dateOf(invoice.period_end) };
  const noItem = { subscriptionItemId: null, subscriptionId: null, priceId: null, isProration: false };
  return [{ id: taxLineId(invoice.id), description: "Tax", quantity: 1, amountCents, ...noItem, ...period }];
}

/** Converts an invoice line. */
export function toInvoiceLine(line: Stripe.InvoiceLineItem): StripeInvoiceLine {
  const item = line.parent?.subscription_item_details ?? null;
  const invoiceItem = line.parent?.invoice_item_details ?? null;
  const price = line.pricing?.price_details?.price ?? null;
  return {
    id: line.id,
    subscriptionItemId: item?.subscription_item ?? null,
    subscriptionId: item?.subscription ?? invoiceItem?.subscription ?? null,
    priceId: idOrNull(price),
    quantity: line.quantity ?? 1,
    description: line.description,
    isProration: (item ?? invoiceItem)?.proration ?? false,
    amountCents: line.amount,
    periodStart: dateOf(line.period.start),
    periodEnd: dateOf(line.period.end),
  };
}
