import type Stripe from "stripe";
import {
  billingSchemeParams,
  readBillingScheme,
  readPerUnit,
  readRecurring,
  recurringParams,
} from "#sandbox/stripe/catalog/price-scheme.ts";
import { createProduct, findProduct } from "#sandbox/stripe/catalog/products.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  byName,
  clearable,
  flag,
  inRange,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create } from "#sandbox/stripe/state/emit.ts";
import { idOf, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const interval = oneOf("day", "week", "month", "year");
const taxBehavior = oneOf("exclusive", "inclusive", "unspecified");
/** Reader of a price's amounts in other currencies. */
export const currencyOptionsParam = byName(
  object({
    tax_behavior: taxBehavior,
    unit_amount: billingSchemeParams.unit_amount,
    unit_amount_decimal: billingSchemeParams.unit_amount_decimal,
  }),
);
export const priceParams = paramsOf<Stripe.PriceCreateParams>()({
  currency: required(currency()),
  active: flag(),
  ...billingSchemeParams,
  currency_options: currencyOptionsParam,
  lookup_key: text(),
  metadata: pairs(),
  nickname: text(),
  product: text(),
  product_data: object({
    name: required(text()),
    active: flag(),
    id: text(),
    metadata: pairs(),
    statement_descriptor: text(),
    tax_code: text(),
    unit_label: text(),
  }),
  recurring: recurringParams,
  tax_behavior: taxBehavior,
  transfer_lookup_key: flag(),
});
const updateParams = paramsOf<Stripe.PriceUpdateParams>()({
  active: flag(),
  currency_options: currencyOptionsParam,
  lookup_key: clearable(text()),
  metadata: pairs(),
  nickname: clearable(text()),
  tax_behavior: taxBehavior,
  transfer_lookup_key: flag(),
});
const listParams = paramsOf<Stripe.PriceListParams>()({
  active: flag(),
  created: range(),
  currency: text(),
  lookup_keys: list(text()),
  product: text(),
  recurring: object({ interval, meter: text(), usage_type: oneOf("licensed", "metered") }),
  type: oneOf("one_time", "recurring"),
});

export const priceRoutes: Route[] = [
  route("POST", "/v1/prices", priceParams, ({ world, params }) => createPrice(world, params)),
  route("GET", "/v1/prices/:id", paramsOf<object>()({}), ({ world, id }) => findPrice(world, id)),
  route("POST", "/v1/prices/:id", updateParams, ({ world, id, params }) => {
    const price = findPrice(world, id);
    const { currency_options: options, metadata, transfer_lookup_key: transfer, ...rest } = params;
    if (options) putCurrencyOptions(world, price, options);
    if (rest.lookup_key) claimLookupKey(world, rest.lookup_key, id, transfer ?? false);
    const patch = { ...given(rest), metadata: mergeMetadata(price.metadata, metadata) };
    return amend(world, world.tables.prices, id, patch, "price.updated");
  }),
  listRoute("/v1/prices", listParams, ({ world, params }) =>
    world.tables.prices.filter(
      (price) =>
        (params.active === undefined || price.active === params.active) &&
        (params.currency === undefined || price.currency === params.currency.toLowerCase()) &&
        (params.lookup_keys === undefined || params.lookup_keys.includes(price.lookup_key ?? "")) &&
        (params.product === undefined || idOf(price.product) === params.product) &&
        (params.type === undefined || price.type === params.type) &&
        (params.recurring?.interval === undefined ||
          price.recurring?.interval === params.recurring.interval) &&
        (params.recurring?.usage_type === undefined ||
          price.recurring?.usage_type === params.recurring.usage_type) &&
        (params.recurring?.meter === undefined || price.recurring?.meter === params.recurring.meter) &&
        inRange(price.created, params.created),
    ),
  ),
];

/** Returns a price by id. Throws `resource_missing` when there is none. */
export function findPrice(world: World, id: string, param?: string): Stripe.Price {
  const price = world.tables.prices.get(id);
  if (!price) throw missing("price", id, param);
  return price;
}

/** Returns the name of the price's product, or the product's id when it was deleted. */
export function findProductName(world: World, price: Stripe.Price): string {
  return world.tables.products.get(idOf(price.product))?.name ?? idOf(price.product);
}

/** Creates a price, and its product if the parameters describe one. */
export function createPrice(world: World, params: ReturnType<typeof priceParams>): Stripe.Price {
  const { scheme, tiers } = readBillingScheme(params);
  const recurring = readRecurring(world, params.recurring);
  if ((params.product === undefined) === (params.product_data === undefined)) {
    throw invalid("You must specify exactly one of `product` and `product_data`.", "product");
  }
  if (params.product !== undefined) findProduct(world, params.product, "product");
  const id = newStripeId("price");
  if (params.lookup_key) claimLookupKey(world, params.lookup_key, id, params.transfer_lookup_key ?? false);
  const product =
    params.product ?? createProduct(world, { name: "", ...given(params.product_data ?? {}) }).id;
  const price: Stripe.Price = {
    id,
    object: "price",
    ...scheme,
    active: params.active ?? true,
    created: world.now(),
    currency: params.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: params.lookup_key ?? null,
    metadata: mergeMetadata({}, params.metadata),
    nickname: params.nickname ?? null,
    product,
    recurring,
    tax_behavior: params.tax_behavior ?? "unspecified",
    type: recurring ? "recurring" : "one_time",
  };
  if (tiers.length > 0) world.tables.priceTiers.put({ id, tiers });
  if (params.currency_options) putCurrencyOptions(world, price, params.currency_options);
  return create(world, world.tables.prices, price, "price.created");
}

/** Returns a price's amounts by currency, its own included, for `expand: ["currency_options"]`. */
export function priceCurrencyOptions(world: World, id: string): Record<string, Stripe.Price.CurrencyOptions> {
  const price = findPrice(world, id);
  const { currency: own, tax_behavior, unit_amount, unit_amount_decimal } = price;
  const base = { custom_unit_amount: null, tax_behavior, unit_amount, unit_amount_decimal };
  return { [own]: base, ...world.tables.priceCurrencies.get(id)?.options };
}

/** Stores amounts in other currencies beside those that the price has. */
function putCurrencyOptions(
  world: World,
  price: Stripe.Price,
  options: NonNullable<ReturnType<typeof currencyOptionsParam>>,
): void {
  const present = world.tables.priceCurrencies.get(price.id)?.options ?? {};
  const added = Object.entries(options).map(([name, option]) => {
    const path = `currency_options[${name}]`;
    const code = currency()(name, path) ?? name;
    if (code === price.currency) throw invalid("This currency is the price's own.", path);
    const { unit_amount, unit_amount_decimal } = readPerUnit(option);
    const tax = option.tax_behavior ?? "unspecified";
    return [code, { custom_unit_amount: null, tax_behavior: tax, unit_amount, unit_amount_decimal }] as const;
  });
  world.tables.priceCurrencies.put({
    id: price.id,
    options: { ...present, ...Object.fromEntries(added) },
  });
}

function claimLookupKey(world: World, key: string, claimant: string, transfer: boolean): void {
  const holder = world.tables.prices.filter((price) => price.lookup_key === key && price.id !== claimant)[0];
  if (!holder) return;
  if (!transfer) {
    throw invalid(
      `A price (\`${holder.id}\`) already uses that lookup key.`,
      "lookup_key",
      "resource_already_exists",
    );
  }
  amend(world, world.tables.prices, holder.id, { lookup_key: null }, "price.updated");
}
