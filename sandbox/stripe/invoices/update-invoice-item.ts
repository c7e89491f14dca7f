import Stripe from "stripe";
import { findActiveTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { type DiscountRequest, redeemDiscounts } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { refreshItemLine } from "#sandbox/stripe/invoices/draft-items.ts";
import { type ItemParams, priceItem } from "#sandbox/stripe/invoices/item-params.ts";
import { findDraft } from "#sandbox/stripe/invoices/recalculate-draft.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type ItemChange = ItemParams & { discounts?: DiscountRequest[] | null | undefined };

/** Changes a pending or drafted item and recalculates its draft. Throws when its invoice is finalized. */
export function updateInvoiceItem(
  world: World,
  item: Stripe.InvoiceItem,
  change: ItemChange,
): Stripe.InvoiceItem {
  const invoice = idOrNull(item.invoice);
  if (invoice !== null) findDraft(world, invoice);
  const priced = repricedFields(world, item, change);
  const amount = priced.amount ?? item.amount;
  const owner = { id: item.id, customer: idOf(item.customer), amount, price: { currency: item.currency } };
  const patch: Partial<Stripe.InvoiceItem> = {
    ...priced,
    ...given({ description: change.description, discountable: change.discountable, period: change.period }),
    ...(change.discounts === undefined
      ? {}
      : { discounts: redeemItemDiscounts(world, owner, change.discounts ?? []).map(({ id }) => id) }),
    metadata: mergeMetadata(item.metadata ?? {}, change.metadata),
  };
  const changed = amend(world, world.tables.invoiceItems, item.id, patch);
  refreshItemLine(world, changed);
  return changed;
}

/** Redeems the requested discounts of an item and returns their terms. */
export function redeemItemDiscounts(
  world: World,
  item: { id: string; customer: string; amount: number; price: { currency: string } },
  requests: DiscountRequest[],
): DiscountTerms[] {
  const purchase = { currency: item.price.currency, amount: item.amount };
  return findActiveTerms(
    world,
    redeemDiscounts(world, requests, { customer: item.customer, invoiceItem: item.id }, purchase),
  );
}

/** Returns the price fields that the change affects; a quantity alone keeps the item's current price. */
function repricedFields(
  world: World,
  item: Stripe.InvoiceItem,
  change: ItemChange,
): Partial<Pick<Stripe.InvoiceItem, "amount" | "net_amount" | "pricing" | "quantity" | "quantity_decimal">> {
  const currentPrice = item.pricing?.price_details?.price;
  const priceParams = [change.amount, change.pricing, change.price_data, change.unit_amount_decimal];
  const isRepriced = priceParams.some((name) => name !== undefined);
  if (!isRepriced && change.quantity === undefined) return {};
  const unchangedPrice = currentPrice === undefined ? {} : { pricing: { price: idOf(currentPrice) } };
  const terms = isRepriced
    ? { ...(change.amount === undefined ? { quantity: item.quantity } : {}), ...given(change) }
    : { ...unchangedPrice, quantity: change.quantity };
  const priced = priceItem(world, terms, item.currency);
  if (!priced) return {};
  const { amount, price, quantity } = priced;
  return {
    amount,
    net_amount: amount,
    pricing: {
      type: "price_details",
      price_details: { price: price.id, product: idOf(price.product) },
      unit_amount_decimal: Stripe.Decimal.from(String(price.unit_amount_decimal ?? 0)),
    },
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
  };
}
