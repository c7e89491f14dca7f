import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The amount and currency that a code's minimum and a fixed amount off are checked against. */
export type Purchase = { currency: string; amount: number };
type Redemption = {
  coupon: Stripe.Coupon;
  code: Stripe.PromotionCode | null;
  customer: string | null;
  purchase: Purchase;
};

/** Throws Stripe's error when the customer cannot redeem the coupon or its code for this purchase. */
export function assertRedeemable(world: World, redemption: Redemption, param: string): void {
  const rejection = couponRejection(world, redemption) ?? codeRejection(world, redemption);
  if (rejection !== null) throw invalid(rejection.message, param, rejection.code);
}

type Rejection = { message: string; code?: string };

function couponRejection(world: World, { coupon, customer, purchase }: Redemption): Rejection | null {
  const at = nowFor(world, customer);
  if (!coupon.valid || (coupon.redeem_by !== null && coupon.redeem_by <= at)) {
    return { message: `Coupon expired: ${coupon.id}`, code: "coupon_expired" };
  }
  const amounts = world.tables.couponScopes.get(coupon.id)?.amountsOff ?? {};
  if (coupon.percent_off === null && amounts[purchase.currency] === undefined) {
    const message = `The coupon ${coupon.id} does not support the currency ${purchase.currency}.`;
    return { message };
  }
  return null;
}

function codeRejection(world: World, { code, customer, purchase }: Redemption): Rejection | null {
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
  const minimum = minimumAmount(restrictions, purchase.currency);
  if (minimum !== null && purchase.amount < minimum) {
    return { message: "The purchase does not reach the promotion code's minimum amount." };
  }
  return null;
}

/** Returns the code's minimum amount; null without one, infinity when it has none in this currency. */
function minimumAmount(restrictions: Stripe.PromotionCode.Restrictions, currency: string): number | null {
  const { minimum_amount: minimum, minimum_amount_currency: of, currency_options: options } = restrictions;
  if (minimum === null) return null;
  if (of === currency) return minimum;
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
