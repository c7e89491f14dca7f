import type Stripe from "stripe";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type PauseCause = Stripe.Subscription.StatusDetails.Paused.Subscription.Type;

/** Sets a subscription to paused with a reason. */
export function setPaused(world: World, subscription: Stripe.Subscription, cause: PauseCause): void {
  const at = nowFor(world, idOf(subscription.customer));
  const why: Stripe.Subscription.StatusDetails = {
    paused: { subscription: { type: cause }, transitioned_at: at, type: "subscription" },
  };
  const patch = { status: "paused", status_details: why };
  const { subscriptions } = world.tables;
  const paused = amend(world, subscriptions, subscription.id, patch, "customer.subscription.updated");
  emit(world, "customer.subscription.paused", paused);
}

/** Resumes a paused subscription with a patch. */
export function setResumed(world: World, id: string, patch: Partial<Stripe.Subscription>): void {
  const { subscriptions } = world.tables;
  const subscription = subscriptions.get(id);
  if (!subscription) return;
  // The reason is present only while it is paused.
  const { status_details: _why, ...rest } = subscription;
  subscriptions.put(rest);
  const resumed = amend(
    world,
    subscriptions,
    id,
    { ...patch, status: "active" },
    "customer.subscription.updated",
  );
  emit(world, "customer.subscription.resumed", resumed);
}
