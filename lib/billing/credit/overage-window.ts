import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { overageSettings } from "#db/schema/billing-records.ts";
import { capLimits } from "#lib/billing/catalog/overage-prices.ts";
import { type InvoicedState, planLines } from "#lib/billing/credit/paid-lines.ts";
import { findCurrentAtStripe } from "#lib/billing/customer/current-subscription.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/customer/subscription-items.ts";
import type { StripeSubscription, StripeSubscriptionItem } from "#lib/gateways/stripe/objects.ts";
import { closeOverage, type OverageWindow, openOverage } from "#lib/usage/overage.ts";

/** A workspace's overage settings (M16). */
export type OverageSettings = { enabled: boolean; capMicros: number };

/** Reads a workspace's overage settings; disabled with the default cap if it never changed them. */
export async function readOverageSettings(tx: Tx, workspaceId: string): Promise<OverageSettings> {
  const [row] = await tx
    .select({ enabled: overageSettings.enabled, capMicros: overageSettings.capMicros })
    .from(overageSettings)
    .where(eq(overageSettings.workspaceId, workspaceId));
  return row ?? { enabled: false, capMicros: capLimits.defaultMicros };
}

/**
 * Returns the subscription that may bill overage: the current one, if it is active and has one of our plans.
 */
export function overageSubscription(subscriptions: StripeSubscription[]): StripeSubscription | undefined {
  const current = findCurrentAtStripe(subscriptions);
  return current?.status === "active" && planItemOf(current.items) !== undefined ? current : undefined;
}

/**
 * Returns the overage window that should be open at a moment (M16): the metered item's period of a paid plan
 * in good standing. Trials, failed payments and periods whose invoice is unpaid have none. Pure.
 */
export function overageDue(
  state: InvoicedState,
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
  if (endsAt <= at || endsAt <= startsAt || !isPaidFor(subscription, plan.item, state)) return null;
  return { startsAt, endsAt, capMicros };
}

/**
 * Whether the item's period is paid, as a whole or from a change of items on. Before that, usage would be
 * billed as overage that the coming allowance covers.
 */
function isPaidFor(
  { id }: StripeSubscription,
  { periodStart, periodEnd }: StripeSubscriptionItem,
  state: InvoicedState,
): boolean {
  return planLines(state).some(
    ({ subscriptionId, invoice, sign, startsAt, endsAt }) =>
      subscriptionId === id &&
      invoice.status === "paid" &&
      sign > 0 &&
      startsAt < periodEnd &&
      periodStart < endsAt,
  );
}

/**
 * Opens, updates or closes a workspace's overage window. The state must have been fetched under the
 * customer's lock. Recorded usage is kept. Idempotent.
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
