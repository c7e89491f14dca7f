import type Stripe from "stripe";
import { AppError } from "#lib/core/errors.ts";
import { callStripe, isRefused, stripe } from "#lib/gateways/stripe/client.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";

/**
 * Schedules other prices for the next period; the schedule then releases the subscription. Both phases name
 * every item and discount, because Stripe drops what a phase does not name.
 * @param nextPriceIds the new price by item id; an item that is not named keeps its price
 */
export async function schedulePriceChange(
  subscription: StripeSubscription,
  nextPriceIds: ReadonlyMap<string, string>,
): Promise<void> {
  const scheduleId = subscription.scheduleId ?? (await createSchedule(subscription.id));
  const [first] = subscription.items;
  if (first === undefined) throw new AppError("billing_unavailable");
  const phaseItem = (item: StripeSubscription["items"][number], price: string) =>
    item.price.isMetered ? { price } : { price, quantity: item.quantity };
  const discounts = subscription.discounts.map(({ id }) => ({ discount: id }));
  // A phase without discounts inherits the customer's; an empty list would remove them.
  const carried = discounts.length === 0 ? {} : { discounts };
  const current = {
    ...carried,
    items: subscription.items.map((item) => phaseItem(item, item.price.id)),
    start_date: toSeconds(first.periodStart),
    end_date: toSeconds(first.periodEnd),
  };
  const next: Stripe.SubscriptionScheduleUpdateParams.Phase = {
    ...carried,
    items: subscription.items.map((item) => phaseItem(item, nextPriceIds.get(item.id) ?? item.price.id)),
    proration_behavior: "none",
  };
  await callStripe(() =>
    stripe().subscriptionSchedules.update(scheduleId, {
      phases: [current, next],
      proration_behavior: "none",
      end_behavior: "release",
    }),
  );
}

async function createSchedule(subscriptionId: string): Promise<string> {
  const created = await callStripe(() =>
    stripe().subscriptionSchedules.create({ from_subscription: subscriptionId }),
  );
  return created.id;
}

/** Removes a subscription's schedule, so that the subscription continues unchanged. Idempotent. */
export async function releaseSchedule(scheduleId: string): Promise<void> {
  try {
    await callStripe(() => stripe().subscriptionSchedules.release(scheduleId));
  } catch (error) {
    if (isRefused(error)) return;
    throw error;
  }
}

/** Writes the suspended scheduled change of a subscription to its metadata; null removes it. */
export async function writeSuspendedChange(subscriptionId: string, change: string | null): Promise<void> {
  await callStripe(() =>
    stripe().subscriptions.update(subscriptionId, { metadata: { in_store: change ?? "" } }),
  );
}

/** The prices of a schedule's next phase, and the card that it charges. */
export type NextPhase = { priceIds: string[]; startsAt: Date; cardMethodId: string | null };

/** Returns the next phase of a schedule; null when it has none. */
export async function findNextPhase(scheduleId: string): Promise<NextPhase | null> {
  const schedule = await callStripe(() => stripe().subscriptionSchedules.retrieve(scheduleId));
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

/** Sets the card of a schedule, which writes it to the subscription when the next phase begins. */
export async function setScheduledCard(scheduleId: string, methodId: string): Promise<void> {
  const settings = { default_payment_method: methodId };
  await callStripe(() => stripe().subscriptionSchedules.update(scheduleId, { default_settings: settings }));
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1_000);
}
