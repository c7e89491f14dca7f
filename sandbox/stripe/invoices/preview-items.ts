import Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { discountsParam, redeemAll } from "#sandbox/stripe/discounts/redeem.ts";
import { inheritedTerms, liveTerms } from "#sandbox/stripe/discounts/running-discounts.ts";
import { type LinePart, partOfInvoiceItem } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { buildInvoice } from "#sandbox/stripe/invoices/invoice-object.ts";
import { createItem } from "#sandbox/stripe/invoices/item-routes.ts";
import { itemTerms } from "#sandbox/stripe/invoices/item-terms.ts";
import { pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import type { PreviewParams } from "#sandbox/stripe/invoices/preview.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { decimal, list, object, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const { pricing: _pricing, ...terms } = itemTerms;
/** Items that a previewed invoice is to have besides what waits already. */
export const previewItemsParam = list(
  object({
    ...terms,
    currency: currency(),
    discounts: discountsParam,
    price: text(),
    unit_amount: whole(),
    unit_amount_decimal: decimal(),
  }),
);
type PreviewItems = NonNullable<PreviewParams["invoice_items"]>;

/** Makes the items of a preview wait for the invoice, as if they had been made before it. */
export function imagineItems(world: World, customer: string, items: PreviewItems): void {
  for (const { price, unit_amount: unit, ...item } of items) {
    createItem(world, {
      ...item,
      customer,
      invoice: undefined,
      pricing: price === undefined ? undefined : { price },
      subscription: undefined,
      unit_amount_decimal: unit === undefined ? item.unit_amount_decimal : Stripe.Decimal.from(unit),
    });
  }
}

/** The invoice of a customer without a subscription, of what waits and what is imagined to. */
export function previewItemsAlone(world: World, customerId: string, params: PreviewParams): Stripe.Invoice {
  imagineItems(world, customerId, params.invoice_items ?? []);
  const customer = findCustomer(world, customerId);
  const at = nowFor(world, customerId);
  const currency = params.currency ?? customer.currency ?? "usd";
  const waiting = pendingItems(world, customerId, null, currency);
  const parts = waiting.map((item) => partOfInvoiceItem(world, item));
  const discounts = previewedTerms(
    world,
    params,
    { customer: customerId, subscription: null, currency },
    parts,
  );
  const period = { start: at, end: at };
  const input = {
    customer,
    currency,
    subscription: null,
    reason: "manual" as const,
    parts,
    discounts,
    period,
  };
  return buildInvoice(input, at, newStripeId("upcoming_in"));
}

/** The discounts a preview asks for, else those that the invoice would inherit. */
export function previewedTerms(
  world: World,
  params: PreviewParams,
  bill: { customer: string; subscription: Stripe.Subscription | null; currency: string },
  parts: LinePart[],
): DiscountTerms[] {
  const { customer, currency, subscription } = bill;
  if (params.discounts === undefined) return inheritedTerms(world, customer, subscription);
  const amount = parts.reduce((sum, part) => sum + part.amount, 0);
  return liveTerms(world, redeemAll(world, params.discounts ?? [], { customer }, { currency, amount }));
}
