import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { enterDiscounts } from "#sandbox/stripe/schedules/phase-discounts.ts";
import { trialEndOf } from "#sandbox/stripe/schedules/phases.ts";
import { nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { applyChange } from "#sandbox/stripe/subscriptions/apply-change.ts";
import { addInvoiceItems } from "#sandbox/stripe/subscriptions/one-time-items.ts";
import { sameInterval } from "#sandbox/stripe/subscriptions/periods.ts";
import { planChange, type RequestedItem } from "#sandbox/stripe/subscriptions/plan-change.ts";
import { startNextPeriod } from "#sandbox/stripe/subscriptions/renew.ts";
import { intervalOf, isRunning, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Schedule = Stripe.SubscriptionSchedule;
type Phase = Stripe.SubscriptionSchedule.Phase;

/**
 * Applies a phase to its subscription. At a period end the next period starts with the new items; within a
 * period the difference is prorated as the phase requests.
 */
export function enterPhase(
  world: World,
  schedule: Schedule,
  phase: Phase,
  proration: string = phase.proration_behavior,
): void {
  const known = world.tables.subscriptions.get(idOrNull(schedule.subscription) ?? "");
  if (!known || !isRunning(known)) return;
  const subscription = { ...known, discounts: enterDiscounts(world, known, phase) };
  const at = nowFor(world, idOf(schedule.customer));
  addInvoiceItems(
    world,
    subscription,
    phase.add_invoice_items.map((item) => ({
      price: idOf(item.price),
      quantity: item.quantity ?? 1,
      wasBoughtBefore: true,
    })),
    at,
  );
  const trialEnd = trialEndOf(phase);
  const isAtEdge = periodOf(subscription).end === at;
  if (isAtEdge && trialEnd === null) {
    startNextPeriod(world, subscription.id, patchAtEdge(world, subscription, schedule, phase));
    return;
  }
  const restarts = restartsCycle(schedule, phase) && !isAtEdge && subscription.status !== "trialing";
  const change = planChange(world, subscription, {
    items: wantedItems(world, subscription, phase),
    at,
    prorationDate: at,
    restartsCycle: restarts,
    trialEnd: trialEnd !== null && trialEnd > at ? trialEnd : null,
  });
  const patch = { ...change.patch, ...plainPatch(subscription, schedule, phase) };
  applyChange(world, subscription, patch, change, { proration_behavior: behaviorOf(proration) });
}

/**
 * Changes of a subscription whose next period starts with a phase. Its items still have the ending period.
 */
function patchAtEdge(
  world: World,
  subscription: Stripe.Subscription,
  schedule: Schedule,
  phase: Phase,
): Partial<Stripe.Subscription> {
  const { end: at } = periodOf(subscription);
  const change = planChange(world, subscription, {
    items: wantedItems(world, subscription, phase),
    at,
    prorationDate: at,
    restartsCycle: false,
    trialEnd: null,
  });
  const patch = { ...change.patch, ...plainPatch(subscription, schedule, phase) };
  const items = patch.items ?? subscription.items;
  const hasNewRhythm = !sameInterval(intervalOf({ ...subscription, items }), intervalOf(subscription));
  const isNew = restartsCycle(schedule, phase) || hasNewRhythm;
  return {
    ...patch,
    items: { ...items, data: withPeriodOf(items.data, subscription) },
    billing_cycle_anchor: isNew ? at : subscription.billing_cycle_anchor,
    status: subscription.status,
  };
}

/** The subscription as its schedule starts the next period; unchanged if no phase starts then. */
export function asOfNextPeriod(
  world: World,
  schedule: Schedule,
  subscription: Stripe.Subscription,
): Stripe.Subscription {
  const next = schedule.phases.find((phase) => phase.start_date === periodOf(subscription).end);
  if (!next) return subscription;
  if (trialEndOf(next) !== null)
    throw invalid("The sandbox previews no phase that begins with a trial.", "schedule");
  const inPhase = { ...subscription, discounts: enterDiscounts(world, subscription, next) };
  return { ...inPhase, ...patchAtEdge(world, inPhase, schedule, next) };
}

function restartsCycle(schedule: Schedule, phase: Phase): boolean {
  return (phase.billing_cycle_anchor ?? schedule.default_settings.billing_cycle_anchor) === "phase_start";
}

/** Keeps the ending period on the items; the renewal moves them to the next one. */
function withPeriodOf(
  items: Stripe.SubscriptionItem[],
  subscription: Stripe.Subscription,
): Stripe.SubscriptionItem[] {
  const { start, end } = periodOf(subscription);
  return items.map((item) => ({ ...item, current_period_start: start, current_period_end: end }));
}

/** A phase's items as a change: an item with the same price is kept, others replace unlisted items. */
function wantedItems(world: World, subscription: Stripe.Subscription, phase: Phase): RequestedItem[] {
  const listed = phase.items.map((item) => ({ item, price: findPrice(world, idOf(item.price)) }));
  const present = subscription.items.data;
  const kept = present.filter((item) => listed.some(({ price }) => price.id === item.price.id));
  const replaced = present.filter((item) => !kept.includes(item));
  const blank = { metadata: null, isDeleted: false, clearsUsage: false };
  const wanted = listed.map(({ item, price }) => {
    const same = kept.find((candidate) => candidate.price.id === price.id);
    const id = same?.id ?? replaced.shift()?.id ?? null;
    return { ...blank, id, price, quantity: item.quantity ?? null };
  });
  const removed = replaced.map((item) => ({
    ...blank,
    id: item.id,
    price: null,
    quantity: null,
    isDeleted: true,
  }));
  return [...wanted, ...removed];
}

function plainPatch(
  subscription: Stripe.Subscription,
  schedule: Schedule,
  phase: Phase,
): Partial<Stripe.Subscription> {
  const settings = schedule.default_settings;
  const method = phase.collection_method ?? settings.collection_method ?? subscription.collection_method;
  const days = phase.invoice_settings?.days_until_due ?? settings.invoice_settings.days_until_due;
  const card = idOrNull(phase.default_payment_method ?? settings.default_payment_method);
  return {
    discounts: subscription.discounts,
    collection_method: method,
    days_until_due: method === "send_invoice" ? days : null,
    metadata: { ...subscription.metadata, ...phase.metadata },
    ...(card === null ? {} : { default_payment_method: card }),
    ...(phase.description === null ? {} : { description: phase.description }),
  };
}

function behaviorOf(behavior: string): "always_invoice" | "create_prorations" | "none" {
  return behavior === "none" || behavior === "always_invoice" ? behavior : "create_prorations";
}
