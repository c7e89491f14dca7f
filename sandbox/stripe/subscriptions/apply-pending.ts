import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { PendingChange } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { setResumed } from "#sandbox/stripe/subscriptions/paused-status.ts";
import { countAnew } from "#sandbox/stripe/subscriptions/pending-change.ts";

/** Applies the pending change of a paid invoice. */
export function applyPending(world: World, change: PendingChange): void {
  const { subscriptions, pendingChanges } = world.tables;
  pendingChanges.delete(change.id);
  const subscription = subscriptions.get(change.subscription);
  if (!subscription) return;
  countAnew(world, change.countsAnew, nowFor(world, idOf(subscription.customer)));
  if (change.kind === "resume") {
    setResumed(world, subscription.id, change.patch);
    return;
  }
  const patch = { ...change.patch, pending_update: null };
  const updated = amend(world, subscriptions, subscription.id, patch, "customer.subscription.updated");
  // A change that was paid immediately was never shown as pending.
  if (subscription.pending_update) emit(world, "customer.subscription.pending_update_applied", updated);
}
