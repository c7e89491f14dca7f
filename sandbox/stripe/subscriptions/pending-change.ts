import type Stripe from "stripe";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { PendingChange } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

const waitSeconds = 23 * 3600;

/** Stores a change until its invoice is paid. */
export function holdBack(
  world: World,
  subscription: Stripe.Subscription,
  pending: { invoice: string } & Pick<PendingChange, "patch" | "countsAnew" | "kind">,
): void {
  const at = nowFor(world, idOf(subscription.customer));
  const { end } = periodOf(subscription);
  const { invoice, ...change } = pending;
  // The period of a paused subscription does not limit the waiting time.
  const expiresAt = pending.kind === "resume" ? at + waitSeconds : Math.min(at + waitSeconds, end);
  world.tables.pendingChanges.put({ id: invoice, subscription: subscription.id, expiresAt, ...change });
}

/** The pending change of a subscription, or undefined. */
export function pendingChangeOf(world: World, subscription: string): PendingChange | undefined {
  return world.tables.pendingChanges.under(subscription)[0];
}

/** Sets `pending_update` on the subscription. */
export function showPending(world: World, change: PendingChange): void {
  if (change.kind !== "update") return;
  const { patch } = change;
  const pending: Stripe.Subscription.PendingUpdate = {
    billing_cycle_anchor: patch.billing_cycle_anchor ?? null,
    cancel_at_period_end: null,
    discount: null,
    discounts: null,
    expires_at: change.expiresAt,
    metadata: null,
    subscription_items: patch.items?.data ?? null,
    trial_end: patch.trial_end ?? null,
    trial_from_plan: null,
  };
  amend(
    world,
    world.tables.subscriptions,
    change.subscription,
    { pending_update: pending },
    "customer.subscription.updated",
  );
}

/** Discards the pending change of an invoice that will not be paid. */
export function dropPending(world: World, invoice: string): void {
  const change = world.tables.pendingChanges.get(invoice);
  if (!change) return;
  world.tables.pendingChanges.delete(invoice);
  const subscription = world.tables.subscriptions.get(change.subscription);
  if (!subscription?.pending_update) return;
  const patch = { pending_update: null };
  const updated = amend(
    world,
    world.tables.subscriptions,
    subscription.id,
    patch,
    "customer.subscription.updated",
  );
  emit(world, "customer.subscription.pending_update_expired", updated);
}

/** Starts the count of metered items whose price changed. */
export function countAnew(world: World, items: string[], at: number): void {
  for (const id of items) world.tables.countingSince.put({ id, at });
}
