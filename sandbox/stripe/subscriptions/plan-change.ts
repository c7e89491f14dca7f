import type Stripe from "stripe";
import { isBilledAhead, type LinePart, wholePeriodParts } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { assertTogether } from "#sandbox/stripe/subscriptions/item-rules.ts";
import { type Interval, periodEnd, sameInterval } from "#sandbox/stripe/subscriptions/periods.ts";
import { prorationParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { buildItem, periodOf, recurringOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts, usagePartsOf } from "#sandbox/stripe/usage/usage-lines.ts";

export type WantedItem = {
  id: string | null;
  price: Stripe.Price | null;
  quantity: number | null;
  metadata: Record<string, string> | null;
  /** Other discounts for the item; without them it keeps those it has. */
  discounts?: string[] | null;
  isDeleted: boolean;
  /** Whether what a removed item's meter counted is forgotten instead of billed. */
  clearsUsage: boolean;
};
export type ChangeWish = {
  items: WantedItem[];
  /** When the change takes effect. */
  at: number;
  /** The moment prorations are reckoned at. */
  prorationDate: number;
  /** Whether a new period is to begin now although the rhythm stays. */
  restartsCycle: boolean;
  /** A new end for the trial, or its end now; null leaves it. */
  trialEnd: number | "now" | null;
};
export type Change = {
  /** The fields of the subscription that become different. */
  patch: Partial<Stripe.Subscription>;
  /** Credit for what is unused and charge for what remains, to the second. */
  prorations: LinePart[];
  /** What was used up to now of items whose counting ends or begins anew. */
  usage: LinePart[];
  /** The lines of the period that begins now; empty when none does. */
  period: LinePart[];
  startsPeriod: boolean;
  /** Metered items that count from now although their period goes on. */
  countsAnew: string[];
};
type Span = { start: number; end: number };

/**
 * What changing a subscription comes to: its fields afterwards and the lines that settle the difference. Nothing is
 * written, so a preview and the change itself share it.
 */
export function planChange(world: World, subscription: Stripe.Subscription, wish: ChangeWish): Change {
  const isTrial = subscription.status === "trialing";
  const endsTrial = isTrial && wish.trialEnd === "now";
  const beginsTrial = !isTrial && typeof wish.trialEnd === "number";
  const { rhythm, isNew } = rhythmAfter(subscription, wish);
  const startsPeriod = endsTrial || beginsTrial || ((isNew || wish.restartsCycle) && !isTrial);
  const period = periodAfter(subscription, wish, rhythm, startsPeriod);
  const items = itemsAfter(subscription, wish, period);
  assertTogether(items);
  const patch: Partial<Stripe.Subscription> = {
    items: { ...subscription.items, data: items },
    ...(startsPeriod ? { billing_cycle_anchor: wish.at } : {}),
    ...(typeof wish.trialEnd === "number"
      ? { billing_cycle_anchor: wish.trialEnd, status: "trialing", trial_end: wish.trialEnd }
      : {}),
    ...(beginsTrial ? { trial_start: wish.at } : {}),
    ...(endsTrial ? { status: "active", trial_end: wish.at } : {}),
  };
  const before = subscription.items.data;
  const switched = items.filter((item) =>
    before.some((old) => old.id === item.id && old.price.id !== item.price.id),
  );
  return {
    patch,
    prorations: isTrial ? [] : prorationParts(world, subscription, items, wish.prorationDate, startsPeriod),
    usage: isTrial ? [] : usageUpToNow(world, subscription, items, wish, startsPeriod),
    period: startsPeriod ? wholePeriodParts(world, { ...subscription, ...patch }, items, beginsTrial) : [],
    startsPeriod,
    countsAnew: startsPeriod ? [] : switched.filter((item) => !isBilledAhead(item)).map((item) => item.id),
  };
}

function rhythmAfter(
  subscription: Stripe.Subscription,
  wish: ChangeWish,
): { rhythm: Interval; isNew: boolean } {
  const [first] = subscription.items.data;
  if (!first) throw new Error(`${subscription.id} has no item`);
  const old = recurringOf(first.price);
  const wished = wish.items.find((item) => item.price && !item.isDeleted)?.price;
  const rhythm = wished ? recurringOf(wished) : old;
  return { rhythm, isNew: !sameInterval(rhythm, old) };
}

function periodAfter(
  subscription: Stripe.Subscription,
  { at, trialEnd }: ChangeWish,
  rhythm: Interval,
  startsPeriod: boolean,
): Span {
  const old = periodOf(subscription);
  if (typeof trialEnd === "number") return { start: startsPeriod ? at : old.start, end: trialEnd };
  return startsPeriod ? { start: at, end: periodEnd(at, rhythm, at) } : old;
}

function itemsAfter(
  subscription: Stripe.Subscription,
  wish: ChangeWish,
  period: Span,
): Stripe.SubscriptionItem[] {
  const wishOf = (id: string) => wish.items.find((candidate) => candidate.id === id);
  const kept = subscription.items.data.filter((item) => !wishOf(item.id)?.isDeleted);
  const changed = kept.map((item) => {
    const { price, quantity, metadata, discounts } = wishOf(item.id) ?? {};
    const rebuilt = buildItem(
      subscription.id,
      price ?? item.price,
      quantity ?? item.quantity ?? null,
      period,
      item.created,
      metadata ?? item.metadata,
    );
    return { ...rebuilt, id: item.id, discounts: discounts ?? item.discounts, tax_rates: item.tax_rates };
  });
  const added = wish.items.flatMap((wanted) => {
    if (wanted.id !== null || !wanted.price) return [];
    const { price, quantity, metadata, discounts } = wanted;
    const item = buildItem(subscription.id, price, quantity, period, wish.at, metadata ?? {});
    return { ...item, discounts: discounts ?? [] };
  });
  const items = [...changed, ...added];
  if (items.length > 0) return items;
  throw invalid(
    "A subscription must have at least one active plan. In order to delete a subscription, please use the cancel API endpoint, or set `cancel_at_period_end` to `true`.",
    "items",
  );
}

function usageUpToNow(
  world: World,
  subscription: Stripe.Subscription,
  after: Stripe.SubscriptionItem[],
  wish: ChangeWish,
  startsPeriod: boolean,
): LinePart[] {
  if (startsPeriod) return usageParts(world, subscription, wish.at);
  const ended = subscription.items.data.filter(
    (item) =>
      !isBilledAhead(item) &&
      !wish.items.some((wanted) => wanted.id === item.id && wanted.clearsUsage) &&
      after.find((other) => other.id === item.id)?.price.id !== item.price.id,
  );
  return ended.flatMap((item) => usagePartsOf(world, subscription, item, wish.at));
}
