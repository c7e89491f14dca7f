import type Stripe from "stripe";
import { productNameOf } from "#sandbox/stripe/catalogue/prices.ts";
import type { LinePart } from "#sandbox/stripe/invoices/invoice-lines.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { periodEnd, sameInterval } from "#sandbox/stripe/subscriptions/periods.ts";
import { buildItem, periodOf, recurringOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

export type WantedItem = {
  id: string | null;
  price: Stripe.Price | null;
  quantity: number | null;
  isDeleted: boolean;
};
export type Change = {
  items: Stripe.SubscriptionItem[];
  /** Credit for what is unused and charge for what remains, to the second. */
  prorations: LinePart[];
  /** Whether a new period begins now, because the rhythm changes or was asked to. */
  startsPeriod: boolean;
};

/** The part of an amount that falls on the rest of a period, rounded to the smallest unit. */
export function prorate(amount: number, at: number, period: { start: number; end: number }): number {
  const share = (amount * (period.end - at)) / (period.end - period.start);
  // Halves round away from zero on either side, so that a credit mirrors the charge of the same amount.
  return Math.sign(share) * Math.round(Math.abs(share));
}

/**
 * What changing items at a moment comes to: the items afterwards and the lines that settle the difference. Nothing
 * is written, so a preview and the change itself share it.
 */
export function planChange(
  world: World,
  subscription: Stripe.Subscription,
  wanted: WantedItem[],
  at: number,
  restartsCycle: boolean,
): Change {
  const before = subscription.items.data;
  const kept = before.filter((item) => !wanted.some((wish) => wish.id === item.id && wish.isDeleted));
  const newRhythm = wanted.find((wish) => wish.price)?.price?.recurring;
  const oldRhythm = before[0] && recurringOf(before[0].price);
  const changesRhythm = Boolean(newRhythm && oldRhythm && !sameInterval(newRhythm, oldRhythm));
  const isTrial = subscription.status === "trialing";
  const startsPeriod = (changesRhythm || restartsCycle) && !isTrial;
  const old = periodOf(subscription);
  const rhythm = newRhythm ?? oldRhythm;
  const period = startsPeriod && rhythm ? { start: at, end: periodEnd(at, rhythm, at) } : old;
  const changed = kept.map((item) => {
    const wish = wanted.find((candidate) => candidate.id === item.id);
    const price = wish?.price ?? item.price;
    const quantity = wish?.quantity ?? item.quantity ?? 1;
    const rebuilt = buildItem(subscription.id, price, quantity, period, item.created, item.metadata);
    return { ...rebuilt, id: item.id };
  });
  const added = wanted.flatMap((wish) =>
    wish.id === null && wish.price
      ? buildItem(subscription.id, wish.price, wish.quantity ?? 1, period, at, {})
      : [],
  );
  const items = [...changed, ...added];
  const prorations = isTrial ? [] : prorationParts(world, subscription, items, at, startsPeriod);
  return { items, prorations, startsPeriod };
}

function prorationParts(
  world: World,
  subscription: Stripe.Subscription,
  after: Stripe.SubscriptionItem[],
  at: number,
  startsPeriod: boolean,
): LinePart[] {
  const before = subscription.items.data;
  const period = periodOf(subscription);
  const differs = (a: Stripe.SubscriptionItem, b: Stripe.SubscriptionItem | undefined) =>
    b === undefined || a.price.id !== b.price.id || a.quantity !== b.quantity || startsPeriod;
  const credits = before
    .filter((item) =>
      differs(
        item,
        after.find((other) => other.id === item.id),
      ),
    )
    .map((item) => prorationLine(world, subscription, item, at, period, -1));
  const charges = after
    .filter(
      (item) =>
        !startsPeriod &&
        differs(
          item,
          before.find((other) => other.id === item.id),
        ),
    )
    .map((item) => prorationLine(world, subscription, item, at, period, 1));
  return [...credits, ...charges];
}

function prorationLine(
  world: World,
  subscription: Stripe.Subscription,
  item: Stripe.SubscriptionItem,
  at: number,
  period: { start: number; end: number },
  sign: 1 | -1,
): LinePart {
  const quantity = item.quantity ?? 1;
  const name =
    quantity === 1 ? productNameOf(world, item.price) : `${quantity} × ${productNameOf(world, item.price)}`;
  const day = new Date(at * 1000).toLocaleDateString("en-GB", {
    day: "2-digit",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  return {
    amount: sign * prorate((item.price.unit_amount ?? 0) * quantity, at, period),
    description: `${sign < 0 ? "Unused" : "Remaining"} time on ${name} after ${day}`,
    period: { start: at, end: period.end },
    price: item.price,
    quantity,
    isProration: true,
    subscription: subscription.id,
    subscriptionItem: item.id,
    invoiceItem: null,
    metadata: subscription.metadata,
  };
}
