import type Stripe from "stripe";
import type { Purchase } from "#sandbox/stripe/discounts/redeem.ts";
import { invalid, type StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Redemption = {
  coupon: Stripe.Coupon;
  code: Stripe.PromotionCode | null;
  customer: string | null;
  purchase: Purchase;
};

/** Throws Stripe's error where a coupon, or the code it came by, cannot be redeemed by this customer for this purchase. */
export function assertRedeemable(world: World, redemption: Redemption, param: string): void {
  const trouble = troubleWithCoupon(world, redemption) ?? troubleWithCode(world, redemption);
  if (trouble !== null) throw refusal(trouble, param);
}

type Trouble = { message: string; code?: string };

function troubleWithCoupon(world: World, { coupon, customer, purchase }: Redemption): Trouble | null {
  const at = nowFor(world, customer);
  if (!coupon.valid || (coupon.redeem_by !== null && coupon.redeem_by <= at)) {
    return { message: `Coupon expired: ${coupon.id}`, code: "coupon_expired" };
  }
  const amounts = world.tables.couponScopes.get(coupon.id)?.amountsOff ?? {};
  if (coupon.percent_off === null && amounts[purchase.currency] === undefined) {
    const message = `The coupon ${coupon.id} takes off an amount of another currency than ${purchase.currency}.`;
    return { message };
  }
  return null;
}

function troubleWithCode(world: World, { code, customer, purchase }: Redemption): Trouble | null {
  if (code === null) return null;
  const at = nowFor(world, customer);
  if (!code.active || (code.expires_at !== null && code.expires_at <= at)) {
    return { message: `Promotion code ${code.code} is not active.`, code: "coupon_expired" };
  }
  if (code.customer !== null && code.customer !== customer) {
    return { message: "This promotion code cannot be redeemed by this customer." };
  }
  const { restrictions } = code;
  if (restrictions.first_time_transaction && hasPaidBefore(world, customer)) {
    return {
      message:
        "This promotion code cannot be redeemed because the associated customer has prior transactions.",
    };
  }
  const least = leastAmount(restrictions, purchase.currency);
  if (least !== null && purchase.amount < least) {
    return { message: "The purchase does not reach the promotion code's minimum amount." };
  }
  return null;
}

/** Null where a code asks for none; nothing of another currency can reach what it asks for. */
function leastAmount(restrictions: Stripe.PromotionCode.Restrictions, currency: string): number | null {
  const { minimum_amount: least, minimum_amount_currency: of, currency_options: options } = restrictions;
  if (least === null) return null;
  if (of === currency) return least;
  return options?.[currency]?.minimum_amount ?? Number.POSITIVE_INFINITY;
}

function hasPaidBefore(world: World, customer: string | null): boolean {
  if (customer === null) return false;
  const { charges, invoices } = world.tables;
  return (
    charges.filter((row) => row.customer === customer && row.status === "succeeded").length > 0 ||
    invoices.filter((row) => row.customer === customer && row.status === "paid").length > 0
  );
}

function refusal({ message, code }: Trouble, param: string): StripeFailure {
  return invalid(message, param, code);
}
