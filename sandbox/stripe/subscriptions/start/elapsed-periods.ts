import type Stripe from "stripe";
import { isBilledInAdvance, type LinePart, toPeriodParts } from "#sandbox/stripe/invoices/invoice-lines.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { periodAround } from "#sandbox/stripe/subscriptions/periods.ts";
import { intervalOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

/**
 * Returns the lines of a backdated subscription for the time before its current period: one per item and
 * billing period (https://docs.stripe.com/billing/subscriptions/backdating).
 */
export function elapsedParts(world: World, subscription: Stripe.Subscription): LinePart[] {
  const every = intervalOf(subscription);
  const { billing_cycle_anchor: anchor, items, start_date: from } = subscription;
  const until = items.data[0]?.current_period_start ?? from;
  const spans: { start: number; end: number }[] = [];
  for (let start = from; start < until; ) {
    const end = Math.min(periodAround(anchor, every, start).end, until);
    spans.push({ start, end });
    start = end;
  }
  const billed = items.data.filter(isBilledInAdvance);
  return spans.flatMap((span) => billed.flatMap((item) => toPeriodParts(world, subscription, item, span)));
}
