import Stripe from "stripe";
import { assertInterval } from "#sandbox/stripe/catalogue/price-interval.ts";
import { buildProduct, findProduct } from "#sandbox/stripe/catalogue/products.ts";
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
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const worth = {
  currency: required(currency()),
  tax_behavior: oneOf("exclusive", "inclusive", "unspecified"),
  unit_amount: whole(),
  unit_amount_decimal: decimal(),
};
const rhythm = object({ interval: required(oneOf("day", "week", "month", "year")), interval_count: whole() });

/** A price that is paid once, said in place. */
export const oneTimePriceData = object({ ...worth, product: required(text()) });
/** A price that recurs, said in place. */
export const recurringPriceData = object({
  ...worth,
  product: required(text()),
  recurring: required(rhythm),
});
/** A price said in place on a Checkout session, which may say its product in place too. */
export const checkoutPriceData = object({
  ...worth,
  product: text(),
  product_data: object({
    description: text(),
    images: list(text()),
    metadata: pairs(),
    name: required(text()),
    tax_code: text(),
    unit_label: text(),
  }),
  recurring: rhythm,
});
export type PriceData = NonNullable<ReturnType<typeof checkoutPriceData>>;

/** Makes the price that is said in place. Like Stripe's it is inactive: nobody else can buy it. There is no event for it. */
export function priceOfData(
  world: World,
  data: Partial<PriceData> & Pick<PriceData, "currency">,
  path: string,
): Stripe.Price {
  const unit = unitOf(data, path);
  if (data.recurring && unit.isNegative()) {
    throw invalid("Invalid non-negative integer", `${path}[unit_amount]`, "parameter_invalid_integer");
  }
  if (data.recurring) assertInterval(data.recurring, `${path}[recurring]`);
  return putOwnPrice(world, {
    currency: data.currency,
    unit,
    product: productOf(world, data, path),
    recurring: data.recurring ?? null,
    taxBehavior: data.tax_behavior ?? "unspecified",
  });
}

/** A price for an amount that somebody charges by itself; its product goes by what the amount is for. */
export function priceOfAmount(
  world: World,
  currency: string,
  unit: Stripe.Decimal,
  name: string,
): Stripe.Price {
  const product = world.tables.products.put({ ...buildProduct(world, { name }), active: false }).id;
  return putOwnPrice(world, { currency, unit, product, recurring: null, taxBehavior: "unspecified" });
}

function unitOf(
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

function productOf(world: World, { product, product_data: data }: Partial<PriceData>, path: string): string {
  if ((product === undefined) === (data === undefined)) {
    throw invalid("You must specify exactly one of `product` and `product_data`.", `${path}[product]`);
  }
  if (product !== undefined) return findProduct(world, product, `${path}[product]`).id;
  return world.tables.products.put(buildProduct(world, { name: "", ...given(data ?? {}) })).id;
}

function putOwnPrice(
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
