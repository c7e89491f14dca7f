import type { Tx } from "#db/client.ts";
import type { CustomerState, TrialCheckedState } from "#lib/billing/customer/customer-state.ts";
import { registerTrial } from "#lib/billing/entitlements/trial-register.ts";
import { addToEvent } from "#lib/core/log.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import { cancelTrialNow } from "#lib/gateways/stripe/trials.ts";

/**
 * Registers the trials that our Checkout sold, and cancels, without a charge, those whose workspace, email or
 * card has had one. The card is known only after Stripe has accepted it. Trials that were created on Stripe's
 * dashboard are kept. Under the customer's lock. Idempotent.
 * @throws AppError billing_unavailable
 */
export async function enforceTrialLimits(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
): Promise<TrialCheckedState> {
  const refused = new Set<string>();
  const subscriptions: StripeSubscription[] = [];
  for (const subscription of oldestFirst(state.subscriptions)) {
    const isRegistered =
      !hasStarted(subscription) || (await registerSubscription(tx, workspaceId, subscription, state));
    const isRefused = !isRegistered && endsWithinTrial(subscription);
    if (isRefused) refused.add(subscription.id);
    const mustEnd = isRefused && subscription.endedAt === null;
    subscriptions.push(mustEnd ? await cancelTrialNow(subscription.id) : subscription);
    if (mustEnd) addToEvent({ trialRefused: subscription.id });
  }
  return { ...state, subscriptions, refusedTrials: refused };
}

/** Sorts by creation and id, whatever order Stripe lists them in. */
function oldestFirst(subscriptions: StripeSubscription[]): StripeSubscription[] {
  const ms = ({ createdAt }: StripeSubscription) => createdAt.getTime();
  return subscriptions.toSorted((a, b) => ms(a) - ms(b) || (a.id < b.id ? -1 : 1));
}

/** Whether our Checkout sold this trial and it has started, even if it ended right away. */
function hasStarted({ soldAsTrial, trialStartedAt, status }: StripeSubscription): boolean {
  return soldAsTrial && trialStartedAt !== null && !status.startsWith("incomplete");
}

/**
 * Whether a subscription is still in its trial or ended during it. A paid subscription is never canceled
 * here.
 */
function endsWithinTrial({ status, endedAt, trialEndsAt }: StripeSubscription): boolean {
  return status === "trialing" || (endedAt !== null && trialEndsAt !== null && endedAt < trialEndsAt);
}

/** @returns false when the workspace, email or card has had another trial */
async function registerSubscription(
  tx: Tx,
  workspaceId: string,
  { id: subscriptionId, trialStartedAt: startedAt, card }: StripeSubscription,
  { details }: CustomerState,
): Promise<boolean> {
  if (startedAt === null) return true;
  const cardFingerprint = (card ?? details?.card)?.fingerprint ?? null;
  return registerTrial(tx, workspaceId, { subscriptionId, startedAt, cardFingerprint });
}
