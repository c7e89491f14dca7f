import type Stripe from "stripe";
import { ask, isRefused, stripe } from "#lib/gateways/stripe-client.ts";
import { type StripeSubscription, subscriptionOf } from "#lib/gateways/stripe-objects.ts";
import { type UpcomingInvoice, upcomingOf } from "#lib/gateways/stripe-upcoming.ts";
import { AppError } from "#lib/ground/errors.ts";

/** Items of a subscription, at other prices. */
export type PriceChange = {
  subscriptionId: string;
  items: { itemId: string; priceId: string }[];
  /** The second to which used and unused time is reckoned. */
  reckonedAt: Date;
  /** Whether a trial that runs ends with it, so that the new price is paid in full at once. */
  endsTrial: boolean;
};

/** What a change would cost: the invoice it would make at once, and what of it is to be paid, in whole cents. */
export async function previewPriceChange(
  change: PriceChange,
): Promise<{ dueCents: number; invoice: UpcomingInvoice }> {
  const invoice = await ask(() =>
    stripe().invoices.createPreview({
      subscription: change.subscriptionId,
      subscription_details: {
        items: itemsOf(change),
        proration_behavior: "always_invoice",
        proration_date: secondsOf(change.reckonedAt),
        ...(change.endsTrial && { trial_end: "now" }),
      },
    }),
  );
  return { dueCents: invoice.amount_due, invoice: await upcomingOf(invoice) };
}

/** The invoice with which a subscription would go on at other prices, with nothing reckoned for the time until then. */
export async function previewNextPeriod(change: PriceChange): Promise<UpcomingInvoice> {
  const details = { items: itemsOf(change), proration_behavior: "none" as const };
  const wish = { subscription: change.subscriptionId, subscription_details: details };
  return upcomingOf(await ask(() => stripe().invoices.createPreview(wish)));
}

/**
 * Changes the price at once, invoiced and charged at once. Until that is paid, Stripe keeps the change pending and the old
 * price runs on.
 */
export async function changePriceNow(
  change: PriceChange,
  idempotencyKey: string,
): Promise<StripeSubscription> {
  const changed = await ask(() =>
    stripe().subscriptions.update(
      change.subscriptionId,
      {
        items: itemsOf(change),
        proration_behavior: "always_invoice",
        proration_date: secondsOf(change.reckonedAt),
        payment_behavior: "pending_if_incomplete",
        ...(change.endsTrial && { trial_end: "now" }),
      },
      { idempotencyKey },
    ),
  );
  return subscriptionOf(changed);
}

/** A change's items, as Stripe takes them. */
export function itemsOf({ items }: PriceChange) {
  return items.map(({ itemId, priceId }) => ({ id: itemId, price: priceId }));
}

/**
 * Lets other prices take over with the next period, by a schedule that then lets the subscription go. Every item and
 * discount is named in both phases, because what a phase does not name ends with it.
 * @param nextPriceIds by the item that each takes the place of; an item that is not named keeps its price
 */
export async function schedulePriceChange(
  subscription: StripeSubscription,
  nextPriceIds: ReadonlyMap<string, string>,
): Promise<void> {
  const scheduleId = subscription.scheduleId ?? (await scheduleFrom(subscription.id));
  const [first] = subscription.items;
  if (first === undefined) throw new AppError("billing_unavailable");
  const phaseItem = (item: StripeSubscription["items"][number], price: string) =>
    item.price.isMetered ? { price } : { price, quantity: item.quantity };
  const discounts = subscription.discounts.map(({ id }) => ({ discount: id }));
  // Without any of its own it inherits the customer's, which an empty list would take off.
  const carried = discounts.length === 0 ? {} : { discounts };
  const current = {
    ...carried,
    items: subscription.items.map((item) => phaseItem(item, item.price.id)),
    start_date: secondsOf(first.periodStart),
    end_date: secondsOf(first.periodEnd),
  };
  const next: Stripe.SubscriptionScheduleUpdateParams.Phase = {
    ...carried,
    items: subscription.items.map((item) => phaseItem(item, nextPriceIds.get(item.id) ?? item.price.id)),
    proration_behavior: "none",
  };
  await ask(() =>
    stripe().subscriptionSchedules.update(scheduleId, {
      phases: [current, next],
      proration_behavior: "none",
      end_behavior: "release",
    }),
  );
}

async function scheduleFrom(subscriptionId: string): Promise<string> {
  const made = await ask(() => stripe().subscriptionSchedules.create({ from_subscription: subscriptionId }));
  return made.id;
}

/** Lets a subscription run on as it is, without what its schedule had in store. Saying it twice changes nothing. */
export async function releaseSchedule(scheduleId: string): Promise<void> {
  try {
    await ask(() => stripe().subscriptionSchedules.release(scheduleId));
  } catch (error) {
    if (isRefused(error)) return;
    throw error;
  }
}

/** Notes with a subscription what was in store for it, or forgets it. */
export async function noteStore(subscriptionId: string, note: string | null): Promise<void> {
  await ask(() => stripe().subscriptions.update(subscriptionId, { metadata: { in_store: note ?? "" } }));
}

/** What a schedule brings next, and the card that it will charge. */
export type InStore = { priceIds: string[]; startsAt: Date; cardMethodId: string | null };

/** The prices that a schedule brings next; null when nothing is in store. */
export async function findScheduledPrices(scheduleId: string): Promise<InStore | null> {
  const schedule = await ask(() => stripe().subscriptionSchedules.retrieve(scheduleId));
  const after = schedule.current_phase?.end_date;
  const next = schedule.phases.find((phase) => phase.start_date === after);
  if (schedule.status !== "active" || next === undefined || next.items.length === 0) return null;
  const { default_payment_method: method } = schedule.default_settings;
  return {
    priceIds: next.items.map(({ price }) => (typeof price === "string" ? price : price.id)),
    startsAt: new Date(next.start_date * 1_000),
    cardMethodId: typeof method === "object" ? (method?.id ?? null) : method,
  };
}

/** Lets a schedule charge another card: it writes its own into the subscription when its next phase begins. */
export async function setScheduledCard(scheduleId: string, methodId: string): Promise<void> {
  const settings = { default_payment_method: methodId };
  await ask(() => stripe().subscriptionSchedules.update(scheduleId, { default_settings: settings }));
}

/** Gives an invoice up; a change that waited for it is dropped. @returns false when it was not open any more */
export async function voidInvoice(id: string): Promise<boolean> {
  try {
    await ask(() => stripe().invoices.voidInvoice(id));
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

function secondsOf(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
