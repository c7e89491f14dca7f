import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import type { UpdateParams } from "#sandbox/stripe/subscriptions/change-params.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** The fields that say when a subscription will end; null takes the intention back. */
export function endingPatch(
  subscription: Stripe.Subscription,
  ending: { cancelAt: number | null; isPeriodEnd: boolean; at: number },
): Partial<Stripe.Subscription> {
  const isSet = ending.cancelAt !== null;
  return {
    cancel_at: ending.cancelAt,
    cancel_at_period_end: ending.isPeriodEnd,
    canceled_at: isSet ? ending.at : null,
    cancellation_details: {
      comment: null,
      feedback: null,
      feedback_option: null,
      ...(isSet ? subscription.cancellation_details : {}),
      reason: isSet ? "cancellation_requested" : null,
    },
  };
}

/** The parameters of a call that say when a subscription will end. */
type EndingParams = Partial<
  Pick<UpdateParams, "cancel_at" | "cancel_at_period_end" | "cancellation_details">
>;

/** What a call says about the end of a subscription, given how its period will lie after the call. */
export function wantedEnding(
  subscription: Stripe.Subscription,
  params: EndingParams,
  at: number,
): Partial<Stripe.Subscription> {
  const patch = endingMoment(subscription, params, at);
  const present = patch.cancellation_details ?? subscription.cancellation_details;
  if (!params.cancellation_details || !present) return patch;
  return { ...patch, cancellation_details: { ...present, ...given(params.cancellation_details) } };
}

/** Throws for an end that is said in two ways, or lies in the past. */
export function assertEnding(
  { cancel_at: cancelAt, cancel_at_period_end: atPeriodEnd }: EndingParams,
  at: number,
): void {
  if (cancelAt && atPeriodEnd) {
    throw invalid(
      "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
      "cancel_at",
    );
  }
  if (typeof cancelAt === "number") assertFuture(cancelAt, at, "cancel_at");
}

function endingMoment(
  subscription: Stripe.Subscription,
  { cancel_at: cancelAt, cancel_at_period_end: atPeriodEnd }: EndingParams,
  at: number,
): Partial<Stripe.Subscription> {
  assertEnding({ cancel_at: cancelAt, cancel_at_period_end: atPeriodEnd }, at);
  const { end } = periodOf(subscription);
  if (atPeriodEnd) return endingPatch(subscription, { cancelAt: end, isPeriodEnd: true, at });
  if (cancelAt) {
    const moment = typeof cancelAt === "string" ? end : cancelAt;
    return endingPatch(subscription, { cancelAt: moment, isPeriodEnd: false, at });
  }
  if (atPeriodEnd === false || cancelAt === null) {
    return endingPatch(subscription, { cancelAt: null, isPeriodEnd: false, at });
  }
  // An end that was tied to the period moves with it.
  return subscription.cancel_at_period_end ? { cancel_at: end } : {};
}
