import type { CheckoutOffer } from "#lib/billing/catalog/trial-offer.ts";
import { planItemOf } from "#lib/billing/customer/subscription-items.ts";
import { isOngoing } from "#lib/billing/customer/subscription-statuses.ts";
import { AppError, type ErrorReason, errorReason } from "#lib/core/errors.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";

export type CheckoutDecision =
  /** A page for the same offer is already open. */
  | { kind: "reuse"; session: StripeCheckoutSession; url: string }
  /** Open a new page after expiring those for other offers. */
  | { kind: "open"; expire: StripeCheckoutSession[] };

type CheckoutState = { subscriptions: StripeSubscription[]; sessions: StripeCheckoutSession[] };

/** A page that expires sooner is replaced. */
const minRemainingMs = 10 * 60_000;

/**
 * Decides whether to start a Checkout, from the state fetched under the customer's lock. Pure.
 * @throws AppError conflict when the customer has a plan, because nobody should pay for two;
 *   trial_used after a trial
 */
export function decideCheckout(state: CheckoutState, offer: CheckoutOffer, at: Date): CheckoutDecision {
  const ongoing = state.subscriptions.find(isOngoing);
  if (ongoing !== undefined) throw new AppError("conflict", { reason: conflictReason(ongoing) });
  if (offer.trialDays !== null && state.subscriptions.some(({ soldAsTrial }) => soldAsTrial))
    throw new AppError("trial_used");
  const open = state.sessions.filter(
    (session) => session.status === "open" && session.mode === "subscription",
  );
  const reusable = open.find((session) => isOpenPage(session, offer.lookupKey, at));
  if (reusable?.url == null) return { kind: "open", expire: open };
  return { kind: "reuse", session: reusable, url: reusable.url };
}

/** Whether a session for a price is open and does not expire soon. */
export function isOpenPage(session: StripeCheckoutSession, lookupKey: string, at: Date): boolean {
  const remainingMs = session.expiresAt.getTime() - at.getTime();
  return (
    session.status === "open" &&
    session.lookupKey === lookupKey &&
    session.url !== null &&
    remainingMs > minRemainingMs
  );
}

function conflictReason({ status, items }: StripeSubscription): ErrorReason {
  const plan = planItemOf(items)?.offer.plan.name;
  if (plan === undefined) return errorReason("subscriptionExists");
  switch (status) {
    case "unpaid":
      return errorReason("planUnpaid", { plan });
    case "paused":
      return errorReason("planPaused", { plan });
    case "incomplete":
      return errorReason("paymentProcessing", { plan });
    default:
      return errorReason("subscribedAlready", { plan });
  }
}
