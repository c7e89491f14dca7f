import type Stripe from "stripe";
import { assertAllRedeemable, type DiscountRequest } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { changeDiscounts } from "#sandbox/stripe/discounts/subscription-discounts.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Phase = Stripe.SubscriptionSchedule.Phase;
type PhaseDiscount = Phase["discounts"][number];

/**
 * Reads a phase's discounts. They are redeemed when the phase starts but validated now.
 * @param purchase customer and amount, for codes with a minimum amount or a customer restriction
 */
export function readPhaseDiscounts(
  world: World,
  requests: DiscountRequest[] | null | undefined,
  purchase: { customer: string; currency: string; amount: number },
): PhaseDiscount[] {
  const { customer, currency, amount } = purchase;
  assertAllRedeemable(world, requests ?? [], { customer, purchase: { currency, amount } });
  return (requests ?? []).map(({ coupon, discount, promotion_code }) => ({
    coupon: coupon ?? null,
    discount: discount ?? null,
    promotion_code: promotion_code ?? null,
  }));
}

/** The discounts of a subscription in the form of a phase. */
export function discountsOfSubscription({ discounts }: Stripe.Subscription): PhaseDiscount[] {
  return discounts.map((discount) => ({ coupon: null, discount: idOf(discount), promotion_code: null }));
}

/**
 * Applies the discounts of a phase to its subscription and removes discounts that the phase does not list.
 * @returns their ids, for the subscription
 */
export function enterDiscounts(world: World, subscription: Stripe.Subscription, phase: Phase): string[] {
  return changeDiscounts(world, subscription, discountRequestsOf(world, phase));
}

/** The discounts that a phase requests, without those that ended or can no longer be redeemed. */
export function discountRequestsOf(world: World, phase: Phase): DiscountRequest[] {
  return phase.discounts.flatMap((discount) => toDiscountRequest(world, discount) ?? []);
}

function toDiscountRequest(
  world: World,
  { coupon, discount, promotion_code: code }: PhaseDiscount,
): DiscountRequest | null {
  const { coupons, discounts, promotionCodes } = world.tables;
  const present = discounts.get(idOrNull(discount) ?? "");
  if (present && !present.deleted) return { discount: present.id };
  const promoted = promotionCodes.get(idOrNull(code) ?? "");
  if (promoted?.active) return { promotion_code: promoted.id };
  const redeemed = coupons.get(idOrNull(coupon) ?? "");
  return redeemed?.valid ? { coupon: redeemed.id } : null;
}
