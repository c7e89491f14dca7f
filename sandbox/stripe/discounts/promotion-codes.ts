import type Stripe from "stripe";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { findCoupon } from "#sandbox/stripe/discounts/coupons.ts";
import { currency } from "#sandbox/stripe/protocol/currency.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import {
  byName,
  flag,
  inRange,
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
import { amend, create } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const currencyOptions = byName(object({ minimum_amount: required(whole()) }));
const createParams = paramsOf<Stripe.PromotionCodeCreateParams>()({
  active: flag(),
  code: text(),
  customer: text(),
  expires_at: whole(),
  max_redemptions: whole(),
  metadata: pairs(),
  promotion: required(object({ coupon: required(text()), type: required(oneOf("coupon")) })),
  restrictions: object({
    currency_options: currencyOptions,
    first_time_transaction: flag(),
    minimum_amount: whole(),
    minimum_amount_currency: currency(),
  }),
});
const updateParams = paramsOf<Stripe.PromotionCodeUpdateParams>()({
  active: flag(),
  metadata: pairs(),
  restrictions: object({ currency_options: currencyOptions }),
});
const listParams = paramsOf<Stripe.PromotionCodeListParams>()({
  active: flag(),
  code: text(),
  coupon: text(),
  created: range(),
  customer: text(),
});

export const promotionCodeRoutes: Route[] = [
  route("POST", "/v1/promotion_codes", createParams, ({ world, params }) => createCode(world, params)),
  route("GET", "/v1/promotion_codes/:id", paramsOf<object>()({}), ({ world, id }) =>
    findPromotionCode(world, id),
  ),
  route("POST", "/v1/promotion_codes/:id", updateParams, ({ world, id, params }) => {
    const code = findPromotionCode(world, id);
    if (params.active && isCodeExhausted(world, code)) {
      throw invalid("This promotion code cannot be activated: it or its coupon can no longer be redeemed.");
    }
    if (params.active && !code.active) assertCodeAvailable(world, code.code, idOrNull(code.customer));
    const options = params.restrictions?.currency_options;
    const patch = {
      ...given({ active: params.active }),
      metadata: mergeMetadata(code.metadata ?? {}, params.metadata),
      restrictions: options ? { ...code.restrictions, currency_options: options } : code.restrictions,
    };
    return amend(world, world.tables.promotionCodes, id, patch, "promotion_code.updated");
  }),
  listRoute("/v1/promotion_codes", listParams, ({ world, params }) =>
    world.tables.promotionCodes.filter(
      (row) =>
        (params.active === undefined || row.active === params.active) &&
        (params.code === undefined || isSameCode(row.code, params.code)) &&
        (params.coupon === undefined || row.promotion.coupon === params.coupon) &&
        (params.customer === undefined || row.customer === params.customer) &&
        inRange(row.created, params.created),
    ),
  ),
];

/** Returns a promotion code by id. Throws `resource_missing` when there is none. */
export function findPromotionCode(world: World, id: string, param?: string): Stripe.PromotionCode {
  const code = world.tables.promotionCodes.get(id);
  if (!code) throw missing("promotion code", id, param);
  return code;
}

/**
 * Returns the active code with this text; one restricted to the customer takes precedence over a general one.
 */
export function findActiveCode(
  world: World,
  entered: string,
  customer: string | null,
): Stripe.PromotionCode | null {
  const active = world.tables.promotionCodes.filter(
    (row) => row.active && isSameCode(row.code, entered.trim()),
  );
  return (
    (customer !== null && active.find((row) => row.customer === customer)) ||
    active.find((row) => row.customer === null) ||
    null
  );
}

/** Returns whether a code or its coupon has expired or reached its maximum number of redemptions. */
export function isCodeExhausted(world: World, code: Stripe.PromotionCode): boolean {
  const coupon = world.tables.coupons.get(idOrNull(code.promotion.coupon) ?? "");
  const isMaxReached = code.max_redemptions !== null && code.times_redeemed >= code.max_redemptions;
  const isExpired = code.expires_at !== null && code.expires_at <= world.now();
  return !coupon?.valid || isMaxReached || isExpired;
}

function createCode(world: World, params: ReturnType<typeof createParams>): Stripe.PromotionCode {
  const coupon = findCoupon(world, params.promotion.coupon, "promotion[coupon]");
  if (!coupon.valid) throw invalid("The coupon can no longer be redeemed.", "promotion[coupon]");
  const customer = params.customer === undefined ? null : findCustomer(world, params.customer, "customer").id;
  const limit = params.restrictions;
  if ((limit?.minimum_amount === undefined) !== (limit?.minimum_amount_currency === undefined)) {
    throw invalid(
      "`minimum_amount` and `minimum_amount_currency` must be given together.",
      "restrictions[minimum_amount_currency]",
    );
  }
  if (params.expires_at !== undefined) assertFuture(params.expires_at, world.now(), "expires_at");
  const code = params.code ?? randomLetters(8).toUpperCase();
  if (!/^[a-zA-Z0-9-]+$/.test(code)) {
    throw invalid("A code can contain only letters, digits and dashes.", "code");
  }
  assertCodeAvailable(world, code, customer);
  const row: Stripe.PromotionCode = {
    id: newStripeId("promo"),
    object: "promotion_code",
    active: params.active ?? true,
    code,
    created: world.now(),
    customer,
    customer_account: null,
    expires_at: params.expires_at ?? coupon.redeem_by,
    livemode: false,
    max_redemptions: params.max_redemptions ?? null,
    metadata: mergeMetadata({}, params.metadata),
    promotion: { coupon: coupon.id, type: "coupon" },
    restrictions: {
      ...given({ currency_options: limit?.currency_options }),
      first_time_transaction: limit?.first_time_transaction ?? false,
      minimum_amount: limit?.minimum_amount ?? null,
      minimum_amount_currency: limit?.minimum_amount_currency ?? null,
    },
    times_redeemed: 0,
  };
  return create(world, world.tables.promotionCodes, row, "promotion_code.created");
}

/** Throws when an active code of the same customer has the same text, ignoring case. */
function assertCodeAvailable(world: World, code: string, customer: string | null): void {
  const [taken] = world.tables.promotionCodes.filter(
    (row) => row.active && isSameCode(row.code, code) && row.customer === customer,
  );
  if (!taken) return;
  throw invalid(
    `An active promotion code with \`code: ${code}\` already exists.`,
    "code",
    "resource_already_exists",
  );
}

function isSameCode(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
