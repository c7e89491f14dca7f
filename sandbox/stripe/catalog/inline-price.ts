import Stripe from "stripe";
import { assertInterval } from "#sandbox/stripe/catalog/price-interval.ts";
import { buildProduct, createProduct, findProduct } from "#sandbox/stripe/catalog/products.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import {
  decimal,
  list,
  object,
  oneOf,
  pairs,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { emit } from "#sandbox/stripe/state/emit.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const amountFields = {
  currency: required(currency()),
  tax_behavior: oneOf("exclusive", "inclusive", "unspecified"),
  unit_amount: whole(),
  unit_amount_decimal: decimal(),
};
const recurring = object({
  interval: required(oneOf("day", "week", "month", "year")),
  interval_count: whole(),
});

/** `price_data` of a one-time price. */
export const oneTimePriceData = object({ ...amountFields, product: required(text()) });
/** `price_data` of a recurring price. */
export const recurringPriceData = object({
  ...amountFields,
  product: required(text()),
  recurring: required(recurring),
});
/** `price_data` of a Checkout session, which accepts `product_data` as well. */
export const checkoutPriceData = object({
  ...amountFields,
  product: text(),
  product_data: object({
    description: text(),
    images: list(text()),
    metadata: pairs(),
    name: required(text()),
    tax_code: text(),
    unit_label: text(),
  }),
  recurring: recurring,
});
export type PriceData = NonNullable<ReturnType<typeof checkoutPriceData>>;

/**
 * Creates a price from `price_data`, and its product from `product_data`, with their events. As at Stripe the
 * price is inactive, so it cannot be sold again.
 */
export function createInlinePrice(
  world: World,
  data: Partial<PriceData> & Pick<PriceData, "currency">,
  path: string,
): Stripe.Price {
  const unit = readUnitAmount(data, path);
  if (data.recurring && unit.isNegative()) {
    throw invalid("Invalid non-negative integer", `${path}[unit_amount]`, "parameter_invalid_integer");
  }
  if (data.recurring) assertInterval(data.recurring, `${path}[recurring]`);
  const price = putInlinePrice(world, {
    currency: data.currency,
    unit,
    product: resolveProductId(world, data, path),
    recurring: data.recurring ?? null,
    taxBehavior: data.tax_behavior ?? "unspecified",
  });
  emit(world, "price.created", price);
  return price;
}

/** Creates an inactive price and product for a plain amount; `name` becomes the product's name. */
export function createPriceForAmount(
  world: World,
  currency: string,
  unit: Stripe.Decimal,
  name: string,
): Stripe.Price {
  const product = world.tables.products.put({ ...buildProduct(world, { name }), active: false }).id;
  return putInlinePrice(world, { currency, unit, product, recurring: null, taxBehavior: "unspecified" });
}

function readUnitAmount(
  { unit_amount: whole, unit_amount_decimal: exact }: Partial<PriceData>,
  path: string,
): Stripe.Decimal {
  if (whole !== undefined && exact !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: unit_amount, unit_amount_decimal.",
      `${path}[unit_amount]`,
    );
  }
  const unit = exact ?? (whole === undefined ? null : Stripe.Decimal.from(whole));
  if (unit !== null) return unit;
  throw invalid(`Missing required param: ${path}[unit_amount].`, `${path}[unit_amount]`, "parameter_missing");
}

function resolveProductId(
  world: World,
  { product, product_data: data }: Partial<PriceData>,
  path: string,
): string {
  if ((product === undefined) === (data === undefined)) {
    throw invalid("You must specify exactly one of `product` and `product_data`.", `${path}[product]`);
  }
  if (product !== undefined) return findProduct(world, product, `${path}[product]`).id;
  return createProduct(world, { name: "", ...given(data ?? {}) }).id;
}

function putInlinePrice(
  world: World,
  price: {
    currency: string;
    unit: Stripe.Decimal;
    product: string;
    recurring: PriceData["recurring"] | null;
    taxBehavior: "exclusive" | "inclusive" | "unspecified";
  },
): Stripe.Price {
  const { currency, unit, product, recurring } = price;
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
    product,
    recurring: recurring
      ? {
          interval: recurring.interval,
          interval_count: recurring.interval_count ?? 1,
          meter: null,
          trial_period_days: null,
          usage_type: "licensed",
        }
      : null,
    tax_behavior: price.taxBehavior,
    tiers_mode: null,
    transform_quantity: null,
    type: recurring ? "recurring" : "one_time",
    unit_amount: Number.isInteger(cents) ? cents : null,
    unit_amount_decimal: unit,
  });
}
