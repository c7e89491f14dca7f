import Stripe from "stripe";
import type { DiscountAmount } from "#sandbox/stripe/discounts/apply-discounts.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  count,
  decimal,
  list,
  object,
  oneOf,
  pairs,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const line = object({
  amount: whole(),
  description: text(),
  invoice_line_item: text(),
  metadata: pairs(),
  quantity: count(),
  type: required(oneOf("custom_line_item", "invoice_line_item")),
  unit_amount: whole(),
  unit_amount_decimal: decimal(),
});
export const creditLinesParam = list(line);
type LineParams = NonNullable<ReturnType<typeof line>>;

/**
 * Builds the lines of a credit note: credited invoice lines with their share of discounts, or custom lines.
 */
export function buildCreditLines(
  world: World,
  invoice: Stripe.Invoice,
  requested: LineParams[],
): Stripe.CreditNoteLineItem[] {
  const seen = new Map<string, number>();
  return requested.map((params, position) => {
    const path = `lines[${position}]`;
    if (params.type === "custom_line_item") return buildCustomLine(params, path);
    const billed = findInvoiceLine(invoice, params, path);
    const before = creditedLineAmount(world, invoice, billed.id) + (seen.get(billed.id) ?? 0);
    const amount = creditAmount(params, billed, before, path);
    seen.set(billed.id, (seen.get(billed.id) ?? 0) + amount);
    return buildInvoiceLineCredit(params, billed, before, amount);
  });
}

/** Builds the single line of a credit note that is created from an amount. */
export function buildAmountLine(amount: number): Stripe.CreditNoteLineItem {
  return { ...emptyLine, id: newStripeId("cnli"), amount, description: null, unit_amount: amount };
}

const emptyLine = {
  object: "credit_note_line_item",
  discount_amount: 0,
  discount_amounts: [],
  livemode: false,
  metadata: {},
  pretax_credit_amounts: [],
  quantity: 1,
  tax_rates: [],
  taxes: [],
  type: "custom_line_item",
  unit_amount_decimal: null,
} satisfies Partial<Stripe.CreditNoteLineItem>;

function buildCustomLine(params: LineParams, path: string): Stripe.CreditNoteLineItem {
  const unit = params.unit_amount_decimal ?? Stripe.Decimal.from(params.unit_amount ?? 0);
  const quantity = params.quantity ?? 1;
  const product = unit.mul(Stripe.Decimal.from(quantity));
  const amount = product.round("half-up", { mode: "decimal-places", value: 0 }).toNumber();
  if (amount < 1) throw invalid("A custom line needs a positive `unit_amount`.", `${path}[unit_amount]`);
  if (params.description === undefined) {
    const param = `${path}[description]`;
    throw invalid(`Missing required param: ${param}.`, param, "parameter_missing");
  }
  return {
    ...emptyLine,
    id: newStripeId("cnli"),
    amount,
    description: params.description,
    metadata: mergeMetadata({}, params.metadata),
    quantity,
    unit_amount: params.unit_amount ?? null,
    unit_amount_decimal: unit,
  };
}

function findInvoiceLine(invoice: Stripe.Invoice, params: LineParams, path: string): Stripe.InvoiceLineItem {
  const id = params.invoice_line_item ?? "";
  const billed = invoice.lines.data.find((row) => row.id === id);
  if (!billed) throw missing("invoice line item", id, `${path}[invoice_line_item]`);
  return billed;
}

/** Returns the amount of a line that issued notes already credited, before discounts. */
function creditedLineAmount(world: World, invoice: Stripe.Invoice, line: string): number {
  return world.tables.creditNotes
    .under(invoice.id)
    .filter((note) => note.status === "issued")
    .flatMap((note) => note.lines.data.filter((row) => row.invoice_line_item === line))
    .reduce((sum, row) => sum + row.amount, 0);
}

function creditAmount(
  params: LineParams,
  billed: Stripe.InvoiceLineItem,
  before: number,
  path: string,
): number {
  const left = billed.amount - before;
  const share = (billed.amount * (params.quantity ?? 0)) / Math.max(1, billed.quantity ?? 1);
  const amount = params.amount ?? (params.quantity === undefined ? left : Math.round(share));
  if (amount < 1 || amount > left) {
    throw invalid(
      `The amount to credit (${amount}) must be positive and at most the line's uncredited amount (${left}).`,
      `${path}[${params.amount === undefined ? "quantity" : "amount"}]`,
    );
  }
  return amount;
}

function buildInvoiceLineCredit(
  params: LineParams,
  billed: Stripe.InvoiceLineItem,
  before: number,
  amount: number,
): Stripe.CreditNoteLineItem {
  // Cumulative rounding: the shares of several notes add up to the line's full discount.
  const upTo = (whole: number, part: number) => Math.floor((whole * part) / billed.amount);
  const discounts: DiscountAmount[] = (billed.discount_amounts ?? []).map((each) => ({
    amount: upTo(each.amount, before + amount) - upTo(each.amount, before),
    discount: idOf(each.discount),
  }));
  return {
    ...emptyLine,
    id: newStripeId("cnli"),
    amount,
    description: params.description ?? billed.description,
    discount_amount: discounts.reduce((sum, each) => sum + each.amount, 0),
    discount_amounts: discounts,
    invoice_line_item: billed.id,
    metadata: mergeMetadata({}, params.metadata),
    pretax_credit_amounts: discounts.map((each) => ({ ...each, type: "discount" as const })),
    quantity: params.quantity ?? null,
    type: "invoice_line_item",
    unit_amount: null,
  };
}
