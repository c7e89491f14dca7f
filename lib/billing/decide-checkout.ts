import { planItemOf } from "#lib/billing/subscription-items.ts";
import type { Sale } from "#lib/billing/trial.ts";
import { AppError } from "#lib/core/errors.ts";
import type { StripeCheckoutSession, StripeSubscription } from "#lib/gateways/stripe/objects.ts";

export type CheckoutDecision =
  /** A page for the same sale is open already: two clicks, or a person who comes back. */
  | { kind: "reuse"; session: StripeCheckoutSession; url: string }
  /** Open a new page, after closing those that offer something else. */
  | { kind: "open"; expire: StripeCheckoutSession[] };

type Known = { subscriptions: StripeSubscription[]; sessions: StripeCheckoutSession[] };

/** A page about to close is not worth sending anybody to. */
const leastTimeMs = 10 * 60_000;

/**
 * Whether a Checkout may be started, by what Stripe says under the customer's lock. Pure.
 * @throws AppError conflict when a subscription runs already: nobody is to pay for two; trial_used when one was tried before
 */
export function decideCheckout(known: Known, sale: Sale, at: Date): CheckoutDecision {
  const running = known.subscriptions.find(isRunning);
  if (running !== undefined) throw new AppError("conflict", { message: refusalOf(running) });
  if (sale.trialDays !== null && known.subscriptions.some(({ soldAsTrial }) => soldAsTrial))
    throw new AppError("trial_used");
  const open = known.sessions.filter(
    (session) => session.status === "open" && session.mode === "subscription",
  );
  const fitting = open.find((session) => isOpenPage(session, sale.lookupKey, at));
  if (fitting?.url == null) return { kind: "open", expire: open };
  return { kind: "reuse", session: fitting, url: fitting.url };
}

/** Whether a page at which a price can be paid is open, and will be for a while. */
export function isOpenPage(session: StripeCheckoutSession, lookupKey: string, at: Date): boolean {
  const leftMs = session.expiresAt.getTime() - at.getTime();
  return (
    session.status === "open" &&
    session.lookupKey === lookupKey &&
    session.url !== null &&
    leftMs > leastTimeMs
  );
}

/** Whether a subscription has neither ended nor been given up before it began. */
export function isRunning(subscription: Pick<StripeSubscription, "status">): boolean {
  return subscription.status !== "canceled" && subscription.status !== "incomplete_expired";
}

function refusalOf({ status, items }: StripeSubscription): string {
  const name = planItemOf(items)?.offer.plan.name ?? "a subscription";
  if (status === "incomplete")
    return `Your payment for ${name} is still being confirmed. Wait a moment, then look at your billing page.`;
  return `You already have ${name}. You can move to another plan on your billing page.`;
}
