import type Stripe from "stripe";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { discountsParam } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { draftSeconds } from "#sandbox/stripe/invoices/lifecycle.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import {
  clearable,
  count,
  flag,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const sharedParams = {
  auto_advance: flag(),
  automatically_finalizes_at: whole(),
  collection_method: oneOf("charge_automatically", "send_invoice"),
  custom_fields: clearable(list(object({ name: required(text()), value: required(text()) }))),
  days_until_due: count(),
  default_payment_method: text(),
  description: clearable(text()),
  discounts: discountsParam,
  due_date: whole(),
  footer: clearable(text()),
  metadata: pairs(),
  number: clearable(text()),
  statement_descriptor: text(),
};
export const createInvoiceParams = paramsOf<Stripe.InvoiceCreateParams>()({
  ...sharedParams,
  currency: currency(),
  customer: required(text()),
  effective_at: whole(),
  pending_invoice_items_behavior: oneOf("exclude", "include"),
  subscription: text(),
});
export const updateInvoiceParams = paramsOf<Stripe.InvoiceUpdateParams>()({
  ...sharedParams,
  effective_at: clearable(whole()),
});
export type CreateInvoiceParams = ReturnType<typeof createInvoiceParams>;
export type UpdateInvoiceParams = ReturnType<typeof updateInvoiceParams>;

/** Returns the fields that are copied from the parameters unchanged. */
export function plainFields(params: UpdateInvoiceParams): Partial<Stripe.Invoice> {
  const { description, footer, custom_fields, number, statement_descriptor, effective_at } = params;
  return given({ description, footer, custom_fields, number, statement_descriptor, effective_at });
}

/** Returns the invoice's default payment method. Throws when it belongs to another customer. */
export function methodField(
  world: World,
  params: UpdateInvoiceParams,
  customer: string,
): Partial<Stripe.Invoice> {
  const method = params.default_payment_method;
  if (method === undefined) return {};
  if (findMethod(world, method, "default_payment_method").customer !== customer) {
    throw missing("PaymentMethod", method, "default_payment_method");
  }
  return { default_payment_method: method };
}

/** Returns the collection method, and the due date of an invoice that is sent. */
export function collectionFields(
  params: UpdateInvoiceParams,
  current: Stripe.Invoice.CollectionMethod,
  dueDate: number | null,
  at: number,
): Partial<Stripe.Invoice> {
  const method = params.collection_method ?? current;
  const { days_until_due: days, due_date: date } = params;
  if (days !== undefined && date !== undefined) {
    throw invalid("You may only specify one of these parameters: days_until_due, due_date.", "due_date");
  }
  if (date !== undefined) assertFuture(date, at, "due_date");
  const due = date ?? (days === undefined ? dueDate : at + days * 86_400);
  if (method !== "send_invoice") {
    if (days === undefined && date === undefined) return { collection_method: method, due_date: null };
    throw invalid(
      "`days_until_due` and `due_date` can only be set when `collection_method` is `send_invoice`.",
      days === undefined ? "due_date" : "days_until_due",
    );
  }
  if (due === null) {
    throw invalid(
      "You must pass `days_until_due` or `due_date` when `collection_method` is `send_invoice`.",
      "days_until_due",
      "parameter_missing",
    );
  }
  return { collection_method: method, due_date: due };
}

/** Throws when `automatically_finalizes_at` is in the past. */
export function assertFutureFinalization(
  { automatically_finalizes_at: finalizesAt }: UpdateInvoiceParams,
  at: number,
): void {
  if (finalizesAt !== undefined) assertFuture(finalizesAt, at, "automatically_finalizes_at");
}

/** Returns the auto-advance fields: a draft is finalized, and an open invoice charged, after one hour. */
export function autoAdvanceFields(
  invoice: Stripe.Invoice,
  params: UpdateInvoiceParams,
  at: number,
): Partial<Stripe.Invoice> {
  const advances = params.auto_advance ?? invoice.auto_advance ?? false;
  if (invoice.status === "draft") {
    const current = invoice.automatically_finalizes_at ?? at + draftSeconds;
    assertFutureFinalization(params, at);
    const finalizesAt = params.automatically_finalizes_at ?? current;
    return { auto_advance: advances, automatically_finalizes_at: advances ? finalizesAt : null };
  }
  if (params.auto_advance === undefined || invoice.status !== "open") return {};
  const isCharged = advances && invoice.collection_method === "charge_automatically";
  const next = isCharged ? (invoice.next_payment_attempt ?? at + draftSeconds) : null;
  return { auto_advance: advances, next_payment_attempt: next };
}
