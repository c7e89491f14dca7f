import Stripe from "stripe";
import {
  createInlinePrice,
  createPriceForAmount,
  oneTimePriceData,
} from "#sandbox/stripe/catalog/inline-price.ts";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import {
  clearable,
  count,
  type decimal,
  flag,
  object,
  pairs,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Parsers of the parameters shared by invoice items and added invoice lines. */
export const itemParams = {
  amount: whole(),
  description: clearable(text()),
  discountable: flag(),
  metadata: pairs(),
  period: object({ end: required(whole()), start: required(whole()) }),
  price_data: oneTimePriceData,
  pricing: object({ price: required(text()) }),
  quantity: count(),
};
type ItemParsers = typeof itemParams & { unit_amount_decimal: ReturnType<typeof decimal> };
export type ItemParams = Partial<{ [K in keyof ItemParsers]: ReturnType<ItemParsers[K]> }>;
type PricedItem = { price: Stripe.Price; quantity: number; amount: number };

/**
 * Returns the price, quantity and amount of an item; null when the parameters contain neither amount nor
 * price. A plain amount or `price_data` creates an inactive price without an event.
 */
export function priceItem(world: World, params: ItemParams, currency: string, path = ""): PricedItem | null {
  const given = (["amount", "pricing", "price_data", "unit_amount_decimal"] as const).filter(
    (name) => params[name] !== undefined,
  );
  const [first, second] = given;
  if (first === undefined) return null;
  if (second !== undefined) {
    throw invalid(`You may only specify one of these parameters: ${given.join(", ")}.`, `${path}${second}`);
  }
  const quantity = params.quantity ?? 1;
  const name = params.description ?? "Invoice item";
  if (params.amount !== undefined) {
    if (params.quantity !== undefined) {
      throw invalid("You cannot pass `quantity` with `amount`.", `${path}quantity`);
    }
    const price = createPriceForAmount(world, currency, Stripe.Decimal.from(params.amount), name);
    return { price, quantity, amount: params.amount };
  }
  const price = resolveItemPrice(world, params, currency, path);
  return { price, quantity, amount: amountFor(world, price, quantity) };
}

function resolveItemPrice(world: World, params: ItemParams, currency: string, path: string): Stripe.Price {
  const { price_data: data, pricing, unit_amount_decimal: unit } = params;
  if (data) return createInlinePrice(world, data, `${path}price_data`);
  if (!pricing) {
    const name = params.description ?? "Invoice item";
    return createPriceForAmount(world, currency, unit ?? Stripe.Decimal.from(0), name);
  }
  const price = findPrice(world, pricing.price, `${path}pricing[price]`);
  if (!price.recurring) return price;
  throw invalid(
    "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
    `${path}pricing[price]`,
  );
}
