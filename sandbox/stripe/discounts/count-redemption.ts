import type Stripe from "stripe";
import { isSpent } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Counts that a coupon was redeemed, and its code where one was used; the last allowed redemption closes them. */
export function countRedemption(
  world: World,
  coupon: Stripe.Coupon,
  code: Stripe.PromotionCode | null,
): void {
  const count = coupon.times_redeemed + 1;
  const isLeft = coupon.max_redemptions === null || count < coupon.max_redemptions;
  const patch = { times_redeemed: count, valid: coupon.valid && isLeft };
  amend(world, world.tables.coupons, coupon.id, patch, "coupon.updated");
  if (code) {
    const times = { times_redeemed: code.times_redeemed + 1 };
    amend(world, world.tables.promotionCodes, code.id, times, "promotion_code.updated");
  }
  closeSpentCodes(world, coupon.id);
}

/** When a coupon can be redeemed no more, by its own date; null when that has passed or there is none. */
export function couponEndsAt(coupon: Stripe.Coupon): number | null {
  return coupon.valid ? coupon.redeem_by : null;
}

/** When a promotion code can be used no more, by its own date. */
export function codeEndsAt(code: Stripe.PromotionCode): number | null {
  return code.active ? code.expires_at : null;
}

/** The last day to redeem a coupon is over. */
export function closeCoupon(world: World, id: string): void {
  amend(world, world.tables.coupons, id, { valid: false }, "coupon.updated");
  closeSpentCodes(world, id);
}

/** The last day to use a promotion code is over. */
export function closeCode(world: World, id: string): void {
  amend(world, world.tables.promotionCodes, id, { active: false }, "promotion_code.updated");
}

function closeSpentCodes(world: World, coupon: string): void {
  const codes = world.tables.promotionCodes.filter((row) => row.promotion.coupon === coupon && row.active);
  for (const code of codes) if (isSpent(world, code)) closeCode(world, code.id);
}
