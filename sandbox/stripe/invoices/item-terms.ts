import Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalogue/price-amount.ts";
import { findPrice } from "#sandbox/stripe/catalogue/prices.ts";
import { buildProduct, findProduct } from "#sandbox/stripe/catalogue/products.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import {
  clearable,
  decimal,
  flag,
  object,
  pairs,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** What an invoice item, or a line added to an invoice, may say of itself. */
export const itemTerms = {
  amount: whole(),
  description: clearable(text()),
  discountable: flag(),
  metadata: pairs(),
  period: object({ end: required(whole()), start: required(whole()) }),
  price_data: object({
    currency: required(text()),
    product: required(text()),
    unit_amount: whole(),
    unit_amount_decimal: decimal(),
  }),
  pricing: object({ price: required(text()) }),
  quantity: whole(),
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
  if (quantity < 0) throw invalid("Invalid non-negative integer", `${path}quantity`);
  if (terms.amount !== undefined) {
    if (terms.quantity !== undefined) {
      throw invalid("You cannot pass `quantity` with `amount`.", `${path}quantity`);
    }
    const price = ownPrice(world, currency, Stripe.Decimal.from(terms.amount), null, name);
    return { price, quantity, amount: terms.amount };
  }
  const price = priceOf(world, terms, currency, path);
  return { price, quantity, amount: amountFor(world, price, quantity) };
}

function priceOf(world: World, terms: ItemTerms, currency: string, path: string): Stripe.Price {
  if (terms.pricing) {
    const price = findPrice(world, terms.pricing.price, `${path}pricing[price]`);
    if (!price.recurring) return price;
    throw invalid(
      "The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.",
      `${path}pricing[price]`,
    );
  }
  const { price_data: data } = terms;
  const name = terms.description ?? "Invoice item";
  if (!data)
    return ownPrice(world, currency, terms.unit_amount_decimal ?? Stripe.Decimal.from(0), null, name);
  const unit =
    data.unit_amount_decimal ??
    (data.unit_amount === undefined ? null : Stripe.Decimal.from(data.unit_amount));
  if (unit === null) {
    const param = `${path}price_data[unit_amount]`;
    throw invalid(`Missing required param: ${param}.`, param, "parameter_missing");
  }
  const product = findProduct(world, data.product, `${path}price_data[product]`).id;
  return ownPrice(world, data.currency.toLowerCase(), unit, product);
}

function ownPrice(
  world: World,
  currency: string,
  unit: Stripe.Decimal,
  product: string | null,
  name = "Invoice item",
): Stripe.Price {
  const cents = unit.toNumber();
  return world.tables.prices.put({
    id: newStripeId("price"),
    object: "price",
    active: false,
    billing_scheme: "per_unit",
    created: world.now(),
    currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: product ?? world.tables.products.put({ ...buildProduct(world, { name }), active: false }).id,
    recurring: null,
    tax_behavior: "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: "one_time",
    unit_amount: Number.isInteger(cents) ? cents : null,
    unit_amount_decimal: unit,
  });
}
