import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { previewInvoice } from "#sandbox/stripe/invoices/preview.ts";
import { previewParams } from "#sandbox/stripe/invoices/preview-params.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";
import { updateParams as scheduleParams } from "#sandbox/stripe/schedules/schedule-params.ts";
import { adoptSubscription } from "#sandbox/stripe/schedules/schedules.ts";
import { updateSchedule } from "#sandbox/stripe/schedules/update-schedule.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { updateParams } from "#sandbox/stripe/subscriptions/change-params.ts";
import { recurringOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";
import { updateSubscription } from "#sandbox/stripe/subscriptions/update-subscription.ts";

type Rules = Stripe.BillingPortal.Configuration.Features.SubscriptionUpdate;
/** A price and quantity that the portal offers, and whether the change waits for the period end. */
export type Offer = { price: Stripe.Price; quantity: number; waitsForPeriodEnd: boolean };

/** The prices that the portal's configuration offers for a subscription. */
export function offersFor(world: World, subscription: Stripe.Subscription, rules: Rules): Offer[] {
  const [item] = subscription.items.data;
  if (!rules.enabled || !rules.default_allowed_updates.includes("price") || !item) return [];
  if (subscription.schedule !== null || subscription.items.data.length > 1) return [];
  return (rules.products ?? [])
    .flatMap((product) => product.prices)
    .flatMap((id) => world.tables.prices.get(id) ?? [])
    .filter((price) => price.active && price.id !== item.price.id && price.currency === subscription.currency)
    .map((price) => toOffer(world, item, price, item.quantity ?? 1, rules));
}

/** The change that a session asks to confirm, which may also be of the quantity alone; null without one. */
export function confirmedOffer(
  world: World,
  subscription: Stripe.Subscription,
  flow: Stripe.BillingPortal.Session.Flow | null,
  rules: Rules,
): Offer | null {
  const confirm = flow?.subscription_update_confirm;
  const wanted = confirm?.subscription === subscription.id ? confirm.items[0] : undefined;
  const item = subscription.items.data.find(({ id }) => id === wanted?.id);
  const price = world.tables.prices.get(wanted?.price ?? item?.price.id ?? "");
  if (!rules.enabled || !wanted || !item || !price) return null;
  return toOffer(world, item, price, wanted.quantity ?? item.quantity ?? 1, rules);
}

function toOffer(
  world: World,
  item: Stripe.SubscriptionItem,
  price: Stripe.Price,
  quantity: number,
  rules: Rules,
): Offer {
  return { price, quantity, waitsForPeriodEnd: waitsForPeriodEnd(world, item, { price, quantity }, rules) };
}

/** Previews the cost of a change without writing anything. */
export function previewOffer(
  world: World,
  subscription: Stripe.Subscription,
  offer: Offer,
  rules: Rules,
): Stripe.Invoice {
  const details = changeForm(subscription, offer, rules);
  return previewInvoice(
    world,
    previewParams({ subscription: subscription.id, subscription_details: details }),
  );
}

/** Applies the change now, or schedules it for the period end if the configuration says so. */
export function applyOffer(
  world: World,
  subscription: Stripe.Subscription,
  offer: Offer,
  rules: Rules,
): void {
  if (!offer.waitsForPeriodEnd) {
    const form = { ...changeForm(subscription, offer, rules), payment_behavior: "error_if_incomplete" };
    updateSubscription(world, subscription, updateParams(form));
    return;
  }
  const schedule = adoptSubscription(world, subscription);
  const quantity = String(subscription.items.data[0]?.quantity ?? 1);
  const [present] = schedule.phases;
  const old = subscription.items.data[0]?.price.id ?? "";
  const phases: Node = {
    "0": {
      items: { "0": { price: old, quantity } },
      start_date: String(present?.start_date),
      end_date: String(present?.end_date),
    },
    "1": { items: { "0": { price: offer.price.id, quantity: String(offer.quantity) } } },
  };
  updateSchedule(world, schedule, scheduleParams({ phases, end_behavior: "release" }));
}

/** The change as parameters of an API call. */
function changeForm(
  subscription: Stripe.Subscription,
  { price, quantity }: Offer,
  rules: Rules,
): { [key: string]: Node } {
  const endsTrial = subscription.status === "trialing" && rules.trial_update_behavior === "end_trial";
  const restarts = rules.billing_cycle_anchor === "now" && subscription.status !== "trialing";
  return {
    items: {
      "0": {
        id: subscription.items.data[0]?.id ?? "",
        price: price.id,
        ...(price.recurring?.usage_type === "metered" ? {} : { quantity: String(quantity) }),
      },
    },
    proration_behavior: rules.proration_behavior,
    ...(endsTrial ? { trial_end: "now" } : {}),
    ...(restarts ? { billing_cycle_anchor: { type: "now" } } : {}),
  };
}

function waitsForPeriodEnd(
  world: World,
  item: Stripe.SubscriptionItem,
  { price, quantity }: Pick<Offer, "price" | "quantity">,
  rules: Rules,
): boolean {
  const asks = (type: string) =>
    rules.schedule_at_period_end.conditions.some((condition) => condition.type === type);
  const [days, newDays] = [daysOf(item.price), daysOf(price)];
  const amount = amountFor(world, item.price, item.quantity ?? 1);
  const newAmount = amountFor(world, price, quantity);
  if (newDays < days) return asks("shortening_interval");
  return newDays === days && newAmount < amount && asks("decreasing_item_amount");
}

const daysOfInterval: Record<string, number> = { day: 1, week: 7, month: 30, year: 365 };

function daysOf(price: Stripe.Price): number {
  const { interval, interval_count: count } = recurringOf(price);
  return (daysOfInterval[interval] ?? 30) * count;
}
