import type Stripe from "stripe";
import {
  buildAmountLine,
  buildCreditLines,
  creditLinesParam,
} from "#sandbox/stripe/credit-notes/credit-lines.ts";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export const createNoteParams = paramsOf<Stripe.CreditNoteCreateParams>()({
  invoice: required(text()),
  amount: whole(),
  credit_amount: whole(),
  effective_at: whole(),
  email_type: oneOf("credit_note", "none"),
  lines: creditLinesParam,
  memo: text(),
  metadata: pairs(),
  out_of_band_amount: whole(),
  reason: oneOf("duplicate", "fraudulent", "order_change", "product_unsatisfactory"),
  refund_amount: whole(),
  refunds: list(object({ amount_refunded: whole(), refund: required(text()), type: oneOf("refund") })),
});
export type CreateNoteParams = ReturnType<typeof createNoteParams>;

/**
 * Builds a credit note without storing it. It first reduces the invoice's remaining amount; the rest is
 * returned to the customer in the requested ways. Throws when it exceeds the invoice's uncredited amount.
 */
export function buildCreditNote(world: World, params: CreateNoteParams): Stripe.CreditNote {
  const invoice = findInvoice(world, params.invoice, "invoice");
  if (invoice.status === "draft" || invoice.status === "void") {
    throw invalid(`You cannot create a credit note for an invoice that is ${invoice.status}.`, "invoice");
  }
  const lines = readLines(world, invoice, params);
  const amount = lines.reduce((sum, line) => sum + line.amount - line.discount_amount, 0);
  const left = invoice.total - creditedAmount(world, invoice.id);
  if (amount < 1 || amount > left) {
    const message = `The credit note's amount (${amount}) must be positive and at most the invoice's uncredited amount (${left}).`;
    throw invalid(message, params.amount === undefined ? "lines" : "amount");
  }
  const before = Math.min(amount, invoice.amount_remaining);
  const refunds = linkedRefunds(world, params);
  assertFullyReturned(params, refunds, amount - before);
  const id = newStripeId("cn");
  const { discounts, subtotal } = discountTotals(invoice, lines);
  const at = nowFor(world, idOf(invoice.customer ?? ""));
  return {
    id,
    object: "credit_note",
    amount,
    amount_shipping: 0,
    created: at,
    currency: invoice.currency,
    customer: idOf(invoice.customer ?? ""),
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: discounts.reduce((sum, each) => sum + each.amount, 0),
    discount_amounts: discounts,
    effective_at: params.effective_at ?? at,
    invoice: invoice.id,
    lines: { object: "list", data: lines, has_more: false, url: `/v1/credit_notes/${id}/lines` },
    livemode: false,
    memo: params.memo ?? null,
    metadata: mergeMetadata({}, params.metadata),
    number: nextNoteNumber(world, invoice),
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: `${world.baseUrl}/credit_notes/${id}/pdf`,
    post_payment_amount: amount - before,
    pre_payment_amount: before,
    pretax_credit_amounts: discounts.map((each) => ({ ...each, type: "discount" as const })),
    reason: params.reason ?? null,
    refunds,
    shipping_cost: null,
    status: "issued",
    subtotal,
    subtotal_excluding_tax: subtotal,
    total: amount,
    total_excluding_tax: amount,
    total_taxes: [],
    type: before === amount ? "pre_payment" : before === 0 ? "post_payment" : "mixed",
    voided_at: null,
  };
}

function readLines(
  world: World,
  invoice: Stripe.Invoice,
  params: CreateNoteParams,
): Stripe.CreditNoteLineItem[] {
  const { amount, lines } = params;
  if (!lines) {
    if (amount !== undefined) return [buildAmountLine(amount)];
    throw invalid("You must pass one of `amount` or `lines`.", "amount", "parameter_missing");
  }
  const built = buildCreditLines(world, invoice, lines);
  const sum = built.reduce((total, line) => total + line.amount - line.discount_amount, 0);
  if (amount !== undefined && amount !== sum) {
    throw invalid(`The amount (${amount}) must equal the sum of the lines (${sum}).`, "amount");
  }
  return built;
}

function creditedAmount(world: World, invoice: string): number {
  const issued = world.tables.creditNotes.under(invoice).filter((note) => note.status === "issued");
  return issued.reduce((sum, note) => sum + note.amount, 0);
}

function linkedRefunds(world: World, params: CreateNoteParams): Stripe.CreditNote.Refund[] {
  return (params.refunds ?? []).map(({ refund: id, amount_refunded: part }, position) => {
    const refund = world.tables.refunds.get(id);
    if (!refund) throw missing("refund", id, `refunds[${position}][refund]`);
    return {
      amount_refunded: part ?? refund.amount,
      payment_record_refund: null,
      refund: id,
      type: "refund",
    };
  });
}

/** Throws unless refunds, customer balance and out-of-band amounts add up to the post-payment amount. */
function assertFullyReturned(
  params: CreateNoteParams,
  refunds: Stripe.CreditNote.Refund[],
  owed: number,
): void {
  const amounts = [params.refund_amount, params.credit_amount, params.out_of_band_amount];
  if (amounts.some((amount) => (amount ?? 0) < 0))
    throw invalid("Invalid non-negative integer", "refund_amount");
  const linked = refunds.reduce((sum, refund) => sum + refund.amount_refunded, 0);
  const sum = amounts.reduce<number>((total, amount) => total + (amount ?? 0), linked);
  if (sum === owed) return;
  throw invalid(
    `The sum of credit amount, refund amount and out of band amount (${sum}) must equal the credit note's post payment amount (${owed}).`,
  );
}

function discountTotals(invoice: Stripe.Invoice, lines: Stripe.CreditNoteLineItem[]) {
  const byDiscount = new Map<string, number>();
  for (const each of lines.flatMap((line) => line.discount_amounts)) {
    const id = idOf(each.discount);
    byDiscount.set(id, (byDiscount.get(id) ?? 0) + each.amount);
  }
  const discounts = [...byDiscount].map(([discount, amount]) => ({ amount, discount }));
  const ofInvoice = new Set(invoice.discounts.map(idOf));
  const own = discounts.filter((each) => !ofInvoice.has(each.discount));
  const gross = lines.reduce((sum, line) => sum + line.amount, 0);
  return { discounts, subtotal: gross - own.reduce((sum, each) => sum + each.amount, 0) };
}

function nextNoteNumber(world: World, invoice: Stripe.Invoice): string {
  const count = world.tables.creditNotes.under(invoice.id).length + 1;
  return `${invoice.number ?? invoice.id}-CN-${String(count).padStart(2, "0")}`;
}
