import Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { findActiveTerms, findInheritedTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { redeemDiscounts } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { createItemFromParams } from "#sandbox/stripe/invoices/invoice-item-routes.ts";
import { type LinePart, toItemPart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { buildInvoice } from "#sandbox/stripe/invoices/invoice-object.ts";
import { pendingItems } from "#sandbox/stripe/invoices/lifecycle.ts";
import type { PreviewParams } from "#sandbox/stripe/invoices/preview-params.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type PreviewItems = NonNullable<PreviewParams["invoice_items"]>;

/** Creates the preview's items as pending items of the customer. */
export function createPreviewItems(world: World, customer: string, items: PreviewItems): void {
  for (const { price, unit_amount: unit, ...item } of items) {
    createItemFromParams(world, {
      ...item,
      customer,
      invoice: undefined,
      pricing: price === undefined ? undefined : { price },
      subscription: undefined,
      unit_amount_decimal: unit === undefined ? item.unit_amount_decimal : Stripe.Decimal.from(unit),
    });
  }
}

/** Previews the invoice of a customer without a subscription: pending items and those of the preview. */
export function previewPendingItems(world: World, customerId: string, params: PreviewParams): Stripe.Invoice {
  createPreviewItems(world, customerId, params.invoice_items ?? []);
  const customer = findCustomer(world, customerId);
  const at = nowFor(world, customerId);
  const currency = params.currency ?? customer.currency ?? "usd";
  const pending = pendingItems(world, customerId, null, currency);
  const parts = pending.map((item) => toItemPart(world, item));
  const discounts = previewedDiscountTerms(
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
  return buildInvoice(world, input, at, newStripeId("upcoming_in"));
}

/** Returns the requested discounts of a preview, else those that the invoice would inherit. */
export function previewedDiscountTerms(
  world: World,
  params: PreviewParams,
  billed: { customer: string; subscription: Stripe.Subscription | null; currency: string },
  parts: LinePart[],
): DiscountTerms[] {
  const { customer, currency, subscription } = billed;
  if (params.discounts === undefined) return findInheritedTerms(world, customer, subscription);
  const amount = parts.reduce((sum, part) => sum + part.amount, 0);
  return findActiveTerms(
    world,
    redeemDiscounts(world, params.discounts ?? [], { customer }, { currency, amount }),
  );
}
