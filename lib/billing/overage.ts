import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { overageSettings } from "#db/schema/billing-records.ts";
import { boughtTime, type PaidFor } from "#lib/billing/allowance.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { capBounds } from "#lib/billing/overage-prices.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/subscription-items.ts";
import type { StripeSubscription, StripeSubscriptionItem } from "#lib/gateways/stripe-objects.ts";
import { closeOverage, type OverageWindow, openOverage } from "#lib/usage/overage.ts";

/** What a customer has chosen (M16). */
export type OverageSettings = { enabled: boolean; capMicros: number };

/** What a workspace has chosen; off, with the proposed cap, where nothing was chosen yet. */
export async function readOverageSettings(tx: Tx, workspaceId: string): Promise<OverageSettings> {
  const [row] = await tx
    .select({ enabled: overageSettings.enabled, capMicros: overageSettings.capMicros })
    .from(overageSettings)
    .where(eq(overageSettings.workspaceId, workspaceId));
  return row ?? { enabled: false, capMicros: capBounds.proposedMicros };
}

/** The subscription beside whose plan use may be billed: a paid plan of ours in good standing. */
export function overageSubscription(subscriptions: StripeSubscription[]): StripeSubscription | undefined {
  return subscriptions.find(({ status, items }) => status === "active" && planItemOf(items) !== undefined);
}

/**
 * What may be used beyond credit at a moment, and until when (M16): in the period that is billed by the metered item of a
 * paid plan in good standing. A trial, a failed payment, and a period whose invoice is not paid yet, have none. Pure.
 */
export function overageDue(
  state: PaidFor,
  { enabled, capMicros }: OverageSettings,
  at: Date,
): Pick<OverageWindow, "startsAt" | "endsAt" | "capMicros"> | null {
  const subscription = overageSubscription(state.subscriptions);
  const plan = planItemOf(subscription?.items ?? []);
  const metered = meteredItemOf(subscription?.items ?? []);
  if (!enabled || subscription === undefined || plan === undefined || metered === undefined) return null;
  const { periodStart: startsAt, periodEnd } = metered;
  const { cancelAt } = subscription;
  const endsAt = cancelAt !== null && cancelAt < periodEnd ? cancelAt : periodEnd;
  if (endsAt <= at || endsAt <= startsAt || !isPaidFor(plan.item, state)) return null;
  return { startsAt, endsAt, capMicros };
}

/** Credit comes with the period's payment; before that, use would be lent that the allowance is about to cover. */
function isPaidFor({ id, periodStart }: StripeSubscriptionItem, state: PaidFor): boolean {
  return boughtTime(state).some(
    ({ itemId, line }) => itemId === id && line.periodStart <= periodStart && periodStart < line.periodEnd,
  );
}

/**
 * Opens, sets or closes a workspace's overage by a state that was fetched under the customer's lock. Saying it again changes
 * nothing, and nothing that was used is forgotten.
 */
export async function applyOverage(
  tx: Tx,
  workspaceId: string,
  state: CustomerState,
  at: Date,
): Promise<void> {
  const due = overageDue(state, await readOverageSettings(tx, workspaceId), at);
  if (due === null) await closeOverage(tx, workspaceId, at);
  else await openOverage(tx, workspaceId, due);
}
