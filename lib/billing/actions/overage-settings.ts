import { db, type Tx } from "#db/client.ts";
import { overageSettings } from "#db/schema/billing-records.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { capLimits, overagePrices } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer } from "#lib/billing/catalog/plans.ts";
import { requirePriceId } from "#lib/billing/catalog/price-ids.ts";
import {
  type OverageSettings,
  overageSubscription,
  readOverageSettings,
} from "#lib/billing/credit/overage-window.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { refuseDuringDeletion } from "#lib/billing/customer/refuse-during-deletion.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/customer/subscription-items.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { applyCustomerState } from "#lib/billing/sync/sync-customer.ts";
import { AppError, errorReason, fieldProblem, invalidInput } from "#lib/core/errors.ts";
import { microsPerUsd } from "#lib/core/money.ts";
import { addMeteredItem } from "#lib/gateways/stripe/catalog/metering.ts";
import type { StripeSubscription } from "#lib/gateways/stripe/objects.ts";
import { schedulePriceChange } from "#lib/gateways/stripe/schedules.ts";
import { listSubscriptions } from "#lib/gateways/stripe/subscriptions.ts";
import { closeOverage, openOverage, readOverageWindow } from "#lib/usage/overage.ts";

/**
 * Enables overage up to a cap per period, or changes the cap (M16). It takes effect immediately. Idempotent.
 * @param capMicros within `capLimits`
 * @throws AppError forbidden, invalid_input (cap out of bounds), plan_required (no paid plan in good
 *   standing), conflict (a plan change waits for its payment), billing_unavailable
 */
export async function enableOverage(admin: BillingAdmin, capMicros: number, at: Date): Promise<void> {
  requireBillingAdmin(admin);
  requireCap(capMicros);
  const { workspaceId } = admin;
  await refuseDuringDeletion(db(), workspaceId);
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw planRequired();
  await withCustomerLock(workspaceId, async (tx) => {
    const state = await fetchCustomer(customerId);
    const subscription = overageSubscription(state.subscriptions);
    if (subscription === undefined) throw planRequired();
    const next = state.scheduled.get(subscription.id)?.lookupKey ?? null;
    await ensureMeteredItem(customerId, subscription, next);
    await writeSettings(tx, admin, { enabled: true, capMicros }, at);
    await applyCustomerState(tx, workspaceId, await fetchCustomer(customerId), at);
  });
}

/**
 * Changes the overage cap (M16). It takes effect immediately and does not call Stripe. Below the current
 * usage it stops further overage.
 * @throws AppError forbidden, invalid_input
 */
export async function setOverageCap(admin: BillingAdmin, capMicros: number, at: Date): Promise<void> {
  requireBillingAdmin(admin);
  requireCap(capMicros);
  const { workspaceId } = admin;
  await withCustomerLock(workspaceId, async (tx) => {
    const { enabled } = await readOverageSettings(tx, workspaceId);
    await writeSettings(tx, admin, { enabled, capMicros }, at);
    const window = await readOverageWindow(tx, workspaceId, at);
    // A closed window stays closed; only a sync opens it.
    if (window !== null && window.capMicros > 0) await openOverage(tx, workspaceId, { ...window, capMicros });
  });
}

/**
 * Disables overage immediately (M16). Usage so far is still billed, so the overage item stays on the
 * subscription.
 * @throws AppError forbidden
 */
export async function disableOverage(admin: BillingAdmin, at: Date): Promise<void> {
  requireBillingAdmin(admin);
  const { workspaceId } = admin;
  await withCustomerLock(workspaceId, async (tx) => {
    const { capMicros } = await readOverageSettings(tx, workspaceId);
    await writeSettings(tx, admin, { enabled: false, capMicros }, at);
    await closeOverage(tx, workspaceId, at);
  });
}

function requireCap(capMicros: number): void {
  const { minMicros, maxMicros } = capLimits;
  if (Number.isSafeInteger(capMicros) && capMicros >= minMicros && capMicros <= maxMicros) return;
  const range = { min: minMicros / microsPerUsd, max: maxMicros / microsPerUsd };
  throw invalidInput([fieldProblem("capDollars", "amountOutOfRange", range)]);
}

function planRequired(): AppError {
  return new AppError("plan_required", {
    reason: errorReason("overageNeedsPlan"),
  });
}

/**
 * Adds the overage item to a subscription that lacks it, without a charge. A schedule must name the item too,
 * or Stripe would remove it with the next phase.
 */
async function ensureMeteredItem(
  customerId: string,
  subscription: StripeSubscription,
  nextLookupKey: string | null,
): Promise<void> {
  const plan = planItemOf(subscription.items);
  if (plan === undefined) return;
  if (meteredItemOf(subscription.items) === undefined) {
    if (subscription.pendingUntil !== null)
      throw new AppError("conflict", {
        reason: errorReason("changeAwaitsPayment"),
      });
    await addMeteredItem(subscription.id, await requirePriceId(overagePrices[plan.offer.interval]));
  }
  const next = findOffer(nextLookupKey);
  if (next === undefined) return;
  const after = (await listSubscriptions(customerId)).find(({ id }) => id === subscription.id);
  const metered = meteredItemOf(after?.items ?? []);
  if (after === undefined || metered === undefined) throw new AppError("billing_unavailable");
  const prices = [
    [plan.item.id, await requirePriceId(next.price.lookupKey)],
    [metered.id, await requirePriceId(overagePrices[next.interval])],
  ] as const;
  await schedulePriceChange(after, new Map(prices));
}

/** Writes changed settings and an audit entry. Unchanged settings write nothing. */
async function writeSettings(
  tx: Tx,
  admin: BillingAdmin,
  settings: OverageSettings,
  at: Date,
): Promise<void> {
  const { workspaceId, userId: actorUserId } = admin;
  const before = await readOverageSettings(tx, workspaceId);
  if (before.enabled === settings.enabled && before.capMicros === settings.capMicros) return;
  const row = { ...settings, updatedAt: at };
  await tx
    .insert(overageSettings)
    .values({ workspaceId, ...row })
    .onConflictDoUpdate({ target: overageSettings.workspaceId, set: row });
  const action =
    before.enabled === settings.enabled
      ? "overage.cap_changed"
      : `overage.${settings.enabled ? "enabled" : "disabled"}`;
  const data = { capMicros: settings.capMicros, before: before.capMicros };
  await recordAudit(tx, { action, actorUserId, workspaceId, data }, at);
}
