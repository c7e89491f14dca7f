import type Stripe from "stripe";
import { scheduleMoments } from "#sandbox/stripe/schedules/run-schedule.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { cancelAtEnd } from "#sandbox/stripe/subscriptions/cancel.ts";
import { noticeTrialEnd, trialNoticeAt } from "#sandbox/stripe/subscriptions/create-subscription.ts";
import { dropPendingUpdate } from "#sandbox/stripe/subscriptions/drop-pending-update.ts";
import { resumeCollection } from "#sandbox/stripe/subscriptions/pause-collection.ts";
import { pendingChangeOf } from "#sandbox/stripe/subscriptions/pending-change.ts";
import { expireIncomplete, incompleteSeconds, startNextPeriod } from "#sandbox/stripe/subscriptions/renew.ts";
import { isRunning, periodOf } from "#sandbox/stripe/subscriptions/subscription-object.ts";

type Due = { at: number; clock: string | null; run: () => void };

/** The next scheduled work of a subscription, or null. */
export function subscriptionDue(world: World, subscription: Stripe.Subscription): Due | null {
  if (!isRunning(subscription)) return null;
  const { id, status } = subscription;
  const clock = idOrNull(subscription.test_clock);
  if (status === "incomplete") {
    return { at: subscription.created + incompleteSeconds, clock, run: () => expireIncomplete(world, id) };
  }
  // The first entry wins at equal times: an end precedes a renewal.
  const moments: { at: number | null; run: () => void }[] = [
    { at: pendingChangeOf(world, id)?.expiresAt ?? null, run: () => dropPendingUpdate(world, id) },
    { at: subscription.cancel_at, run: () => cancelAtEnd(world, id) },
    { at: subscription.pause_collection?.resumes_at ?? null, run: () => resumeCollection(world, id) },
    ...scheduleMoments(world, subscription),
    { at: trialNoticeAt(world, subscription), run: () => noticeTrialEnd(world, id) },
    { at: status === "paused" ? null : periodOf(subscription).end, run: () => startNextPeriod(world, id) },
  ];
  return moments.reduce<Due | null>((first, { at, run }) => {
    if (at === null || (first && first.at <= at)) return first;
    return { at, clock, run };
  }, null);
}
