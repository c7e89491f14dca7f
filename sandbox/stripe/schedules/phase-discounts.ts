import type Stripe from "stripe";
import { assertAllRedeemable, type DiscountWish } from "#sandbox/stripe/discounts/redeem.ts";
import { changeDiscounts } from "#sandbox/stripe/discounts/subscription-discounts.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Phase = Stripe.SubscriptionSchedule.Phase;
type PhaseDiscount = Phase["discounts"][number];

/**
 * The discounts that a phase is to have. They are redeemed when it begins; whether they could be is said at once.
 * @param purchase whose and what it is, for codes that ask for a least amount or for a certain customer
 */
export function readPhaseDiscounts(
  world: World,
  wishes: DiscountWish[] | null | undefined,
  purchase: { customer: string; currency: string; amount: number },
): PhaseDiscount[] {
  const { customer, currency, amount } = purchase;
  assertAllRedeemable(world, wishes ?? [], { customer, purchase: { currency, amount } });
  return (wishes ?? []).map(({ coupon, discount, promotion_code }) => ({
    coupon: coupon ?? null,
    discount: discount ?? null,
    promotion_code: promotion_code ?? null,
  }));
}

/** The discounts a running subscription has, as a phase lists them. */
export function discountsOfSubscription({ discounts }: Stripe.Subscription): PhaseDiscount[] {
  return discounts.map((discount) => ({ coupon: null, discount: idOf(discount), promotion_code: null }));
}

/**
 * Gives a subscription the discounts of the phase it enters, and takes those off that the phase does not list.
 * @returns their ids, for the subscription
 */
export function enterDiscounts(world: World, subscription: Stripe.Subscription, phase: Phase): string[] {
  return changeDiscounts(world, subscription, wishesOfPhase(world, phase));
}

/** What a phase asks for, less what has ended or can be redeemed no more. */
export function wishesOfPhase(world: World, phase: Phase): DiscountWish[] {
  return phase.discounts.flatMap((discount) => wishOf(world, discount) ?? []);
}

function wishOf(
  world: World,
  { coupon, discount, promotion_code: code }: PhaseDiscount,
): DiscountWish | null {
  const { coupons, discounts, promotionCodes } = world.tables;
  const present = discounts.get(idOrNull(discount) ?? "");
  if (present && !present.deleted) return { discount: present.id };
  const promoted = promotionCodes.get(idOrNull(code) ?? "");
  if (promoted?.active) return { promotion_code: promoted.id };
  const redeemed = coupons.get(idOrNull(coupon) ?? "");
  return redeemed?.valid ? { coupon: redeemed.id } : null;
}
