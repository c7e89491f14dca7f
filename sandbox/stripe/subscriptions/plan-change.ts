import type Stripe from "stripe";
import { fullPeriodParts, isBilledInAdvance, type LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { assertTogether } from "#sandbox/stripe/subscriptions/item-rules.ts";
import { type Interval, periodEnd, sameInterval } from "#sandbox/stripe/subscriptions/periods.ts";
import { prorationParts } from "#sandbox/stripe/subscriptions/proration.ts";
import { buildItem, periodOf, recurringOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { usageParts, usagePartsOf } from "#sandbox/stripe/usage/usage-lines.ts";

export type RequestedItem = {
  id: string | null;
  price: Stripe.Price | null;
  quantity: number | null;
  metadata: Record<string, string> | null;
  /** New discounts of the item; undefined keeps the existing ones. */
  discounts?: string[] | null;
  isDeleted: boolean;
  /** Whether usage of a removed item is discarded instead of billed. */
  clearsUsage: boolean;
};
export type RequestedChange = {
  items: RequestedItem[];
  /** When the change takes effect, in seconds. */
  at: number;
  /** The timestamp of the proration, in seconds. */
  prorationDate: number;
  /** Whether a new period starts now although the interval is unchanged. */
  restartsCycle: boolean;
  /** A new trial end, or "now"; null keeps it. */
  trialEnd: number | "now" | null;
};
export type Change = {
  /** The changed fields of the subscription. */
  patch: Partial<Stripe.Subscription>;
  /** Credits for unused time and charges for the remaining time, to the second. */
  prorations: LinePart[];
  /** Usage so far of items whose count ends or restarts. */
  usage: LinePart[];
  /** Lines of the period that starts now; empty if none starts. */
  period: LinePart[];
  startsPeriod: boolean;
  /** Metered items whose count restarts within their period. */
  countsAnew: string[];
};
type Span = { start: number; end: number };

/**
 * Computes a subscription change: new fields and the invoice lines of the difference. Writes nothing, so that
 * previews and changes share it.
 */
export function planChange(
  world: World,
  subscription: Stripe.Subscription,
  requested: RequestedChange,
): Change {
  const isTrial = subscription.status === "trialing";
  const endsTrial = isTrial && requested.trialEnd === "now";
  const beginsTrial = !isTrial && typeof requested.trialEnd === "number";
  const { rhythm, isNew } = rhythmAfter(subscription, requested);
  const startsPeriod = endsTrial || beginsTrial || ((isNew || requested.restartsCycle) && !isTrial);
  const period = periodAfter(subscription, requested, rhythm, startsPeriod);
  const items = itemsAfter(subscription, requested, period);
  assertTogether(items);
  const patch: Partial<Stripe.Subscription> = {
    items: { ...subscription.items, data: items },
    ...(startsPeriod ? { billing_cycle_anchor: requested.at } : {}),
    ...(typeof requested.trialEnd === "number"
      ? { billing_cycle_anchor: requested.trialEnd, status: "trialing", trial_end: requested.trialEnd }
      : {}),
    ...(beginsTrial ? { trial_start: requested.at } : {}),
    ...(endsTrial ? { status: "active", trial_end: requested.at } : {}),
  };
  const before = subscription.items.data;
  const switched = items.filter((item) =>
    before.some((old) => old.id === item.id && old.price.id !== item.price.id),
  );
  return {
    patch,
    prorations: isTrial
      ? []
      : prorationParts(world, subscription, items, requested.prorationDate, startsPeriod),
    usage: isTrial ? [] : usageUpToNow(world, subscription, items, requested, startsPeriod),
    period: startsPeriod ? fullPeriodParts(world, { ...subscription, ...patch }, items, beginsTrial) : [],
    startsPeriod,
    countsAnew: startsPeriod
      ? []
      : switched.filter((item) => !isBilledInAdvance(item)).map((item) => item.id),
  };
}

function rhythmAfter(
  subscription: Stripe.Subscription,
  requested: RequestedChange,
): { rhythm: Interval; isNew: boolean } {
  const [first] = subscription.items.data;
  if (!first) throw new Error(`${subscription.id} has no item`);
  const old = recurringOf(first.price);
  const newPrice = requested.items.find((item) => item.price && !item.isDeleted)?.price;
  const rhythm = newPrice ? recurringOf(newPrice) : old;
  return { rhythm, isNew: !sameInterval(rhythm, old) };
}

function periodAfter(
  subscription: Stripe.Subscription,
  { at, trialEnd }: RequestedChange,
  rhythm: Interval,
  startsPeriod: boolean,
): Span {
  const old = periodOf(subscription);
  if (typeof trialEnd === "number") return { start: startsPeriod ? at : old.start, end: trialEnd };
  return startsPeriod ? { start: at, end: periodEnd(at, rhythm, at) } : old;
}

function itemsAfter(
  subscription: Stripe.Subscription,
  requested: RequestedChange,
  period: Span,
): Stripe.SubscriptionItem[] {
  const requestOf = (id: string) => requested.items.find((candidate) => candidate.id === id);
  const kept = subscription.items.data.filter((item) => !requestOf(item.id)?.isDeleted);
  const changed = kept.map((item) => {
    const { price, quantity, metadata, discounts } = requestOf(item.id) ?? {};
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
  const added = requested.items.flatMap((wanted) => {
    if (wanted.id !== null || !wanted.price) return [];
    const { price, quantity, metadata, discounts } = wanted;
    const item = buildItem(subscription.id, price, quantity, period, requested.at, metadata ?? {});
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
  requested: RequestedChange,
  startsPeriod: boolean,
): LinePart[] {
  if (startsPeriod) return usageParts(world, subscription, requested.at);
  const ended = subscription.items.data.filter(
    (item) =>
      !isBilledInAdvance(item) &&
      !requested.items.some((wanted) => wanted.id === item.id && wanted.clearsUsage) &&
      after.find((other) => other.id === item.id)?.price.id !== item.price.id,
  );
  return ended.flatMap((item) => usagePartsOf(world, subscription, item, requested.at));
}
