import Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import { oneTimePriceData, priceOfAmount, priceOfData } from "#sandbox/stripe/catalogue/price-data.ts";
import { findPrice } from "#sandbox/stripe/catalogue/prices.ts";
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

/** What an invoice item, or a line added to an invoice, may say of itself. */
export const itemTerms = {
  amount: whole(),
  description: clearable(text()),
  discountable: flag(),
  metadata: pairs(),
  period: object({ end: required(whole()), start: required(whole()) }),
  price_data: oneTimePriceData,
  pricing: object({ price: required(text()) }),
  quantity: count(),
};
type TermsReaders = typeof itemTerms & { unit_amount_decimal: ReturnType<typeof decimal> };
export type ItemTerms = Partial<{ [K in keyof TermsReaders]: ReturnType<TermsReaders[K]> }>;
type Worth = { price: Stripe.Price; quantity: number; amount: number };

/**
 * What an item comes to: an amount as it is, or a price times a quantity. An amount, or a price given in place, gets an
 * inactive price of its own, for which there is no event. Returns null when the terms name neither.
 */
export function worthOf(world: World, terms: ItemTerms, currency: string, path = ""): Worth | null {
  const named = (["amount", "pricing", "price_data", "unit_amount_decimal"] as const).filter(
    (name) => terms[name] !== undefined,
  );
  const [one, other] = named;
  if (one === undefined) return null;
  if (other !== undefined) {
    throw invalid(`You may only specify one of these parameters: ${named.join(", ")}.`, `${path}${other}`);
  }
  const quantity = terms.quantity ?? 1;
  const name = terms.description ?? "Invoice item";
  if (terms.amount !== undefined) {
    if (terms.quantity !== undefined) {
      throw invalid("You cannot pass `quantity` with `amount`.", `${path}quantity`);
    }
    const price = priceOfAmount(world, currency, Stripe.Decimal.from(terms.amount), name);
    return { price, quantity, amount: terms.amount };
  }
  const price = priceOf(world, terms, currency, path);
  return { price, quantity, amount: amountFor(world, price, quantity) };
}

function priceOf(world: World, terms: ItemTerms, currency: string, path: string): Stripe.Price {
  const { price_data: data, pricing, unit_amount_decimal: unit } = terms;
  if (data) return priceOfData(world, data, `${path}price_data`);
  if (!pricing) {
    const name = terms.description ?? "Invoice item";
    return priceOfAmount(world, currency, unit ?? Stripe.Decimal.from(0), name);
  }
  const price = findPrice(world, pricing.price, `${path}pricing[price]`);
  if (!price.recurring) return price;
  throw invalid(
    "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
    `${path}pricing[price]`,
  );
}
