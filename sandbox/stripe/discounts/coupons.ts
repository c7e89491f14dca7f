import type Stripe from "stripe";
import { findProduct } from "#sandbox/stripe/catalog/products.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import {
  byName,
  decimal,
  inRange,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, create, emit } from "#sandbox/stripe/state/emit.ts";
import { randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const currencyOptions = byName(object({ amount_off: required(whole()) }));
const createParams = paramsOf<Stripe.CouponCreateParams>()({
  amount_off: whole(),
  applies_to: object({ products: list(text()) }),
  currency: currency(),
  currency_options: currencyOptions,
  duration: oneOf("forever", "once", "repeating"),
  duration_in_months: whole(),
  id: text(),
  max_redemptions: whole(),
  metadata: pairs(),
  name: text(),
  percent_off: decimal(),
  redeem_by: whole(),
});
const updateParams = paramsOf<Stripe.CouponUpdateParams>()({
  currency_options: currencyOptions,
  metadata: pairs(),
  name: text(),
});
const listParams = paramsOf<Stripe.CouponListParams>()({ created: range() });

export const couponRoutes: Route[] = [
  route("POST", "/v1/coupons", createParams, ({ world, params }) => createCoupon(world, params)),
  route("GET", "/v1/coupons/:id", paramsOf<object>()({}), ({ world, id }) => {
    const coupon = world.tables.coupons.get(id) ?? world.tables.tombstones.get(id);
    if (!coupon) throw missing("coupon", id);
    return coupon;
  }),
  route("POST", "/v1/coupons/:id", updateParams, ({ world, id, params }) => {
    const coupon = findCoupon(world, id);
    const scope = world.tables.couponScopes.get(id);
    if (scope && params.currency_options) {
      const amountsOff = { ...scope.amountsOff, ...toAmountsOff(params.currency_options) };
      world.tables.couponScopes.put({ ...scope, amountsOff });
    }
    const metadata = mergeMetadata(coupon.metadata ?? {}, params.metadata);
    const patch = { ...given({ name: params.name }), metadata };
    return amend(world, world.tables.coupons, id, patch, "coupon.updated");
  }),
  route("DELETE", "/v1/coupons/:id", paramsOf<object>()({}), ({ world, id }) => {
    const coupon = findCoupon(world, id);
    // Existing discounts stay active: they have a copy of the coupon's terms.
    world.tables.coupons.delete(id);
    world.tables.couponScopes.delete(id);
    emit(world, "coupon.deleted", coupon);
    return world.tables.tombstones.put({ id, object: "coupon", deleted: true });
  }),
  listRoute("/v1/coupons", listParams, ({ world, params }) =>
    world.tables.coupons.filter((coupon) => inRange(coupon.created, params.created)),
  ),
];

/** Returns a coupon by id. Throws `resource_missing` when there is none. */
export function findCoupon(world: World, id: string, param?: string): Stripe.Coupon {
  const coupon = world.tables.coupons.get(id);
  if (!coupon) throw missing("coupon", id, param);
  return coupon;
}

/** Returns the products a coupon is limited to, for `expand: ["applies_to"]`. */
export function appliesToOf(world: World, id: string): Stripe.Coupon.AppliesTo | undefined {
  const products = world.tables.couponScopes.get(id)?.products;
  return products ? { products } : undefined;
}

/** Returns the coupon's amount off per currency, for `expand: ["currency_options"]`. */
export function currencyOptionsOf(world: World, id: string): Stripe.Coupon["currency_options"] {
  const amounts = Object.entries(world.tables.couponScopes.get(id)?.amountsOff ?? {});
  return Object.fromEntries(amounts.map(([currency, amount]) => [currency, { amount_off: amount }]));
}

function createCoupon(world: World, params: ReturnType<typeof createParams>): Stripe.Coupon {
  const percent = params.percent_off?.toNumber() ?? null;
  const duration = params.duration ?? "once";
  assertDiscountValue(params, percent);
  if ((duration === "repeating") !== (params.duration_in_months !== undefined)) {
    throw invalid(
      "`duration_in_months` must be set if and only if `duration` is `repeating`.",
      "duration_in_months",
    );
  }
  if (params.redeem_by !== undefined) assertFuture(params.redeem_by, world.now(), "redeem_by");
  const id = params.id ?? randomLetters(8);
  if (world.tables.coupons.get(id)) {
    throw invalid("Coupon already exists.", "id", "resource_already_exists");
  }
  const products = params.applies_to?.products ?? null;
  for (const product of products ?? []) findProduct(world, product, "applies_to[products]");
  const main =
    params.amount_off === undefined ? {} : { [params.currency?.toLowerCase() ?? ""]: params.amount_off };
  const amountsOff = { ...toAmountsOff(params.currency_options), ...main };
  world.tables.couponScopes.put({ id, products, amountsOff });
  const coupon: Stripe.Coupon = {
    id,
    object: "coupon",
    amount_off: params.amount_off ?? null,
    created: world.now(),
    currency: params.amount_off === undefined ? null : (params.currency?.toLowerCase() ?? null),
    duration,
    duration_in_months: params.duration_in_months ?? null,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: mergeMetadata({}, params.metadata),
    name: params.name ?? null,
    percent_off: percent,
    redeem_by: params.redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  };
  return create(world, world.tables.coupons, coupon, "coupon.created");
}

/** Throws unless exactly one of `percent_off` and `amount_off` is set to a valid value. */
function assertDiscountValue(params: ReturnType<typeof createParams>, percent: number | null): void {
  if ((percent === null) === (params.amount_off === undefined)) {
    throw invalid("You must pass exactly one of `percent_off` or `amount_off`.", "percent_off");
  }
  if (percent !== null && (percent <= 0 || percent > 100)) {
    throw invalid("Invalid percent_off: must be greater than 0 and at most 100.", "percent_off");
  }
  if (params.amount_off !== undefined && params.amount_off < 1) {
    throw invalid("Invalid positive integer", "amount_off", "parameter_invalid_integer");
  }
  if (params.amount_off !== undefined && params.currency === undefined) {
    throw invalid("Missing required param: currency.", "currency", "parameter_missing");
  }
  for (const name of ["max_redemptions", "duration_in_months"] as const) {
    if ((params[name] ?? 1) < 1) throw invalid("Invalid positive integer", name, "parameter_invalid_integer");
  }
}

function toAmountsOff(options: Record<string, { amount_off: number }> | undefined): Record<string, number> {
  const amounts = Object.entries(options ?? {});
  return Object.fromEntries(amounts.map(([currency, { amount_off: amount }]) => [currency, amount]));
}
