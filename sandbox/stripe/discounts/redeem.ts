import type Stripe from "stripe";
import { countRedemption } from "#sandbox/stripe/discounts/count-redemption.ts";
import { findCoupon } from "#sandbox/stripe/discounts/coupons.ts";
import { findPromotionCode } from "#sandbox/stripe/discounts/promotion-codes.ts";
import { assertRedeemable } from "#sandbox/stripe/discounts/redeemable.ts";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { clearable, list, object, text } from "#sandbox/stripe/protocol/params.ts";
import { emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { DiscountTerms } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { intervalsAfter } from "#sandbox/stripe/subscriptions/periods.ts";

const wishParam = object({ coupon: text(), discount: text(), promotion_code: text() });
/** The `discounts` that most calls take; null where it is sent empty, which takes all off. */
export const discountsParam = clearable(list(wishParam));
export type DiscountWish = { [K in "coupon" | "discount" | "promotion_code"]?: string | undefined };
/** Whom a discount is for, and what it hangs on. */
export type Holder = {
  customer: string | null;
  checkoutSession?: string;
  invoice?: string;
  invoiceItem?: string;
  subscription?: string;
  subscriptionItem?: string;
};
/** What is bought: a code may ask for a least amount, a fixed amount off is of one currency. */
export type Purchase = { currency: string; amount: number };

/** Throws where one of them cannot be redeemed by this customer for this purchase. */
export function assertAllRedeemable(
  world: World,
  wishes: DiscountWish[],
  { customer, purchase }: { customer: string | null; purchase: Purchase },
): void {
  for (const [position, each] of wishes.entries()) {
    const path = `discounts[${position}]`;
    if (each.discount !== undefined) reuse(world, each.discount, `${path}[discount]`);
    else readWish(world, each, { customer, purchase }, path);
  }
}

/** What discounts would take off, without being redeemed. */
export function termsOfWishes(world: World, wishes: DiscountWish[]): DiscountTerms[] {
  return wishes.flatMap(({ coupon, discount, promotion_code: code }) => {
    if (discount !== undefined) return world.tables.discountTerms.get(discount) ?? [];
    const promoted = world.tables.promotionCodes.get(code ?? "")?.promotion.coupon;
    const row = world.tables.coupons.get(coupon ?? idOrNull(promoted) ?? "");
    return row ? termsOf(world, row, row.id, null) : [];
  });
}

/**
 * Makes discounts of coupons and promotion codes, in the order they will be applied; returns their ids. A discount that
 * exists is used again as it is. Throws for what cannot be redeemed; without a purchase, that was seen to before.
 */
export function redeemAll(
  world: World,
  wishes: DiscountWish[],
  holder: Holder,
  purchase: Purchase | null,
  path = "discounts",
): string[] {
  return wishes.map((each, position) => redeem(world, each, holder, purchase, `${path}[${position}]`));
}

function redeem(
  world: World,
  wish: DiscountWish,
  holder: Holder,
  purchase: Purchase | null,
  path: string,
): string {
  if (wish.discount !== undefined && Object.values(wish).filter(Boolean).length === 1) {
    return reuse(world, wish.discount, `${path}[discount]`);
  }
  const { coupon, code } = readWish(world, wish, { customer: holder.customer, purchase }, path);
  const row = buildDiscount(coupon, code, holder, nowFor(world, holder.customer));
  world.tables.discounts.put(row);
  world.tables.discountTerms.put(termsOf(world, coupon, row.id, row.end));
  countRedemption(world, coupon, code);
  return row.id;
}

function termsOf(world: World, coupon: Stripe.Coupon, id: string, endsAt: number | null): DiscountTerms {
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

function readWish(
  world: World,
  { coupon: couponId, discount, promotion_code: codeId }: DiscountWish,
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

/** Says of new discounts that a customer has them; those of a single invoice or sale are not told of. */
export function announceDiscounts(world: World, ids: string[]): void {
  for (const id of ids) {
    const row = world.tables.discounts.get(id);
    if (row) emit(world, "customer.discount.created", row);
  }
}

function reuse(world: World, id: string, param: string): string {
  const row = world.tables.discounts.get(id);
  if (!row || row.deleted) throw missing("discount", id, param);
  return id;
}

function buildDiscount(
  coupon: Stripe.Coupon,
  code: Stripe.PromotionCode | null,
  holder: Holder,
  at: number,
): Stripe.Discount {
  const months = coupon.duration_in_months;
  return {
    id: newStripeId("di"),
    object: "discount",
    checkout_session: holder.checkoutSession ?? null,
    customer: holder.customer,
    customer_account: null,
    end: months === null ? null : intervalsAfter(at, { interval: "month", interval_count: months }),
    invoice: holder.invoice ?? null,
    invoice_item: holder.invoiceItem ?? null,
    promotion_code: code?.id ?? null,
    source: { coupon: coupon.id, type: "coupon" },
    start: at,
    subscription: holder.subscription ?? null,
    subscription_item: holder.subscriptionItem ?? null,
  };
}
