import type Stripe from "stripe";
import { isCodeExhausted } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/**
 * Counts a redemption of a coupon and its code. Reaching the maximum invalidates the coupon and its codes.
 */
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
  deactivateExhaustedCodes(world, coupon.id);
}

/** Returns the `redeem_by` time of a valid coupon; null when it has none or is already invalid. */
export function couponExpiresAt(coupon: Stripe.Coupon): number | null {
  return coupon.valid ? coupon.redeem_by : null;
}

/** Returns the expiry time of an active promotion code; null when it has none or is inactive. */
export function codeExpiresAt(code: Stripe.PromotionCode): number | null {
  return code.active ? code.expires_at : null;
}

/** Invalidates a coupon whose `redeem_by` time has passed, and its codes. */
export function expireCoupon(world: World, id: string): void {
  amend(world, world.tables.coupons, id, { valid: false }, "coupon.updated");
  deactivateExhaustedCodes(world, id);
}

/** Deactivates a promotion code. */
export function deactivateCode(world: World, id: string): void {
  amend(world, world.tables.promotionCodes, id, { active: false }, "promotion_code.updated");
}

function deactivateExhaustedCodes(world: World, coupon: string): void {
  const codes = world.tables.promotionCodes.filter((row) => row.promotion.coupon === coupon && row.active);
  for (const code of codes) if (isCodeExhausted(world, code)) deactivateCode(world, code.id);
}
