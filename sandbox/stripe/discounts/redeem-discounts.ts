import type Stripe from "stripe";
import { assertRedeemable, type Purchase } from "#sandbox/stripe/discounts/assert-redeemable.ts";
import { countRedemption } from "#sandbox/stripe/discounts/count-redemption.ts";
import { findCoupon } from "#sandbox/stripe/discounts/coupons.ts";
import { findPromotionCode } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { clearable, list, object, text } from "#sandbox/stripe/protocol/params.ts";
import { emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { intervalsAfter } from "#sandbox/stripe/subscriptions/periods.ts";

const requestParam = object({ coupon: text(), discount: text(), promotion_code: text() });
/** Parser of the `discounts` parameter; null when it is sent empty, which removes all discounts. */
export const discountsParam = clearable(list(requestParam));
export type DiscountRequest = { [K in "coupon" | "discount" | "promotion_code"]?: string | undefined };
/** The customer of a discount and the object it is attached to. */
export type DiscountTarget = {
  customer: string | null;
  checkoutSession?: string;
  invoice?: string;
  invoiceItem?: string;
  subscription?: string;
  subscriptionItem?: string;
};

/** Throws when one of the discounts cannot be redeemed by this customer for this purchase. */
export function assertAllRedeemable(
  world: World,
  requests: DiscountRequest[],
  { customer, purchase }: { customer: string | null; purchase: Purchase },
): void {
  for (const [position, each] of requests.entries()) {
    const path = `discounts[${position}]`;
    if (each.discount !== undefined) findExistingDiscount(world, each.discount, `${path}[discount]`);
    else resolveRequest(world, each, { customer, purchase }, path);
  }
}

/** Returns the terms of requested discounts without redeeming them. */
export function findRequestedTerms(world: World, requests: DiscountRequest[]): DiscountTerms[] {
  return requests.flatMap(({ coupon, discount, promotion_code: code }) => {
    if (discount !== undefined) return world.tables.discountTerms.get(discount) ?? [];
    const couponOfCode = world.tables.promotionCodes.get(code ?? "")?.promotion.coupon;
    const row = world.tables.coupons.get(coupon ?? idOrNull(couponOfCode) ?? "");
    return row ? toTerms(world, row, row.id, null) : [];
  });
}

/**
 * Creates discounts from coupons and promotion codes and returns their ids in the order of application.
 * Existing discounts are reused. Throws when one cannot be redeemed; a null purchase skips the check, which
 * the caller made.
 */
export function redeemDiscounts(
  world: World,
  requests: DiscountRequest[],
  target: DiscountTarget,
  purchase: Purchase | null,
  path = "discounts",
): string[] {
  return requests.map((each, position) => redeem(world, each, target, purchase, `${path}[${position}]`));
}

function redeem(
  world: World,
  request: DiscountRequest,
  target: DiscountTarget,
  purchase: Purchase | null,
  path: string,
): string {
  if (request.discount !== undefined && Object.values(request).filter(Boolean).length === 1) {
    return findExistingDiscount(world, request.discount, `${path}[discount]`);
  }
  const { coupon, code } = resolveRequest(world, request, { customer: target.customer, purchase }, path);
  const row = buildDiscount(coupon, code, target, nowFor(world, target.customer));
  world.tables.discounts.put(row);
  world.tables.discountTerms.put(toTerms(world, coupon, row.id, row.end));
  countRedemption(world, coupon, code);
  return row.id;
}

function toTerms(world: World, coupon: Stripe.Coupon, id: string, endsAt: number | null): DiscountTerms {
  const scope = world.tables.couponScopes.get(coupon.id);
  return {
    id,
    amountsOff: scope?.amountsOff ?? {},
    duration: coupon.duration,
    endsAt,
    percentOff: coupon.percent_off,
    products: scope?.products ?? null,
  };
}

function resolveRequest(
  world: World,
  { coupon: couponId, discount, promotion_code: codeId }: DiscountRequest,
  { customer, purchase }: { customer: string | null; purchase: Purchase | null },
  path: string,
): { coupon: Stripe.Coupon; code: Stripe.PromotionCode | null } {
  if ([couponId, discount, codeId].filter((given) => given !== undefined).length !== 1) {
    throw invalid("You must pass exactly one of `coupon`, `discount` or `promotion_code`.", path);
  }
  const code = codeId === undefined ? null : findPromotionCode(world, codeId, `${path}[promotion_code]`);
  const param = code ? `${path}[promotion_code]` : `${path}[coupon]`;
  const coupon = findCoupon(world, couponId ?? idOrNull(code?.promotion.coupon) ?? "", param);
  if (purchase) assertRedeemable(world, { coupon, code, customer, purchase }, param);
  return { coupon, code };
}

/** Emits `customer.discount.created` for discounts of customers and subscriptions; others have no event. */
export function emitDiscountsCreated(world: World, ids: string[]): void {
  for (const id of ids) {
    const row = world.tables.discounts.get(id);
    if (row) emit(world, "customer.discount.created", row);
  }
}

function findExistingDiscount(world: World, id: string, param: string): string {
  const row = world.tables.discounts.get(id);
  if (!row || row.deleted) throw missing("discount", id, param);
  return id;
}

function buildDiscount(
  coupon: Stripe.Coupon,
  code: Stripe.PromotionCode | null,
  target: DiscountTarget,
  at: number,
): Stripe.Discount {
  const months = coupon.duration_in_months;
  return {
    id: newStripeId("di"),
    object: "discount",
    checkout_session: target.checkoutSession ?? null,
    customer: target.customer,
    customer_account: null,
    end: months === null ? null : intervalsAfter(at, { interval: "month", interval_count: months }),
    invoice: target.invoice ?? null,
    invoice_item: target.invoiceItem ?? null,
    promotion_code: code?.id ?? null,
    source: { coupon: coupon.id, type: "coupon" },
    start: at,
    subscription: target.subscription ?? null,
    subscription_item: target.subscriptionItem ?? null,
  };
}
