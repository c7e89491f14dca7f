import type Stripe from "stripe";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import { assertFuture } from "#sandbox/stripe/protocol/moments.ts";
import type { UpdateParams } from "#sandbox/stripe/subscriptions/change-params.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/** The fields of a scheduled cancellation; null clears it. */
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

/** The parameters of a scheduled cancellation. */
type EndingParams = Partial<
  Pick<UpdateParams, "cancel_at" | "cancel_at_period_end" | "cancellation_details">
>;

/** Reads a scheduled cancellation, given the period after the call. */
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

/** Throws for conflicting or past ends. */
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
  // An end at the period end moves with the period.
  return subscription.cancel_at_period_end ? { cancel_at: end } : {};
}
