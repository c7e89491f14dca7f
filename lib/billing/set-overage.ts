import { db, type Tx } from "#db/client.ts";
import { overageSettings } from "#db/schema/billing-records.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { type OverageSettings, overageSubscription, readOverageSettings } from "#lib/billing/overage.ts";
import { capBounds, overagePrices } from "#lib/billing/overage-prices.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { findOffer } from "#lib/billing/plans.ts";
import { priceIdOf } from "#lib/billing/price-ids.ts";
import { meteredItemOf, planItemOf } from "#lib/billing/subscription-items.ts";
import { applyCustomer } from "#lib/billing/sync.ts";
import { listSubscriptions } from "#lib/gateways/stripe.ts";
import { schedulePriceChange } from "#lib/gateways/stripe-changes.ts";
import { addMeteredItem } from "#lib/gateways/stripe-metering.ts";
import type { StripeSubscription } from "#lib/gateways/stripe-objects.ts";
import { AppError } from "#lib/ground/errors.ts";
import { formatMoney } from "#lib/ground/money.ts";
import { closeOverage, openOverage, readOverageWindow } from "#lib/usage/overage.ts";

/**
 * Lets a workspace go on beyond its credit, up to a cap a period, or moves that cap (M16). What was chosen counts at once. Sent
 * twice, it happens once.
 * @param capMicros within `capBounds`
 * @throws AppError forbidden, invalid_input (a cap out of bounds), plan_required (no paid plan in good standing), conflict (a
 *   change of plan waits for its payment), billing_unavailable
 */
export async function enableOverage(payer: Payer, capMicros: number, at: Date): Promise<void> {
  requirePayer(payer);
  requireCap(capMicros);
  const { workspaceId } = payer;
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null) throw noPlan();
  await withCustomerLock(workspaceId, async (tx) => {
    const state = await fetchCustomer(customerId);
    const subscription = overageSubscription(state.subscriptions);
    if (subscription === undefined) throw noPlan();
    const next = state.scheduled.get(subscription.id)?.lookupKey ?? null;
    await ensureMeteredItem(customerId, subscription, next);
    await writeSettings(tx, payer, { enabled: true, capMicros }, at);
    await applyCustomer(tx, workspaceId, await fetchCustomer(customerId), at);
  });
}

/**
 * Moves the cap (M16). It counts at once, and Stripe need not be there for it: below what is used, nothing new is lent.
 * @throws AppError forbidden, invalid_input
 */
export async function setOverageCap(payer: Payer, capMicros: number, at: Date): Promise<void> {
  requirePayer(payer);
  requireCap(capMicros);
  const { workspaceId } = payer;
  await withCustomerLock(workspaceId, async (tx) => {
    const { enabled } = await readOverageSettings(tx, workspaceId);
    await writeSettings(tx, payer, { enabled, capMicros }, at);
    const window = await readOverageWindow(tx, workspaceId, at);
    // One that is closed stays closed: the next sync knows why.
    if (window !== null && window.capMicros > 0) await openOverage(tx, workspaceId, { ...window, capMicros });
  });
}

/**
 * Stops use beyond credit, at once (M16); what was used is still billed. The item stays with the subscription, because what
 * it bills would go with it.
 * @throws AppError forbidden
 */
export async function disableOverage(payer: Payer, at: Date): Promise<void> {
  requirePayer(payer);
  const { workspaceId } = payer;
  await withCustomerLock(workspaceId, async (tx) => {
    const { capMicros } = await readOverageSettings(tx, workspaceId);
    await writeSettings(tx, payer, { enabled: false, capMicros }, at);
    await closeOverage(tx, workspaceId, at);
  });
}

function requireCap(capMicros: number): void {
  const { leastMicros, mostMicros } = capBounds;
  if (Number.isSafeInteger(capMicros) && capMicros >= leastMicros && capMicros <= mostMicros) return;
  const message = `Choose a cap from ${formatMoney(leastMicros)} to ${formatMoney(mostMicros)}.`;
  throw new AppError("invalid_input", { message, fields: [{ path: "capDollars", message }] });
}

function noPlan(): AppError {
  return new AppError("plan_required", {
    message: "To go on when credit is used up, this workspace needs a paid plan whose payments are in order.",
  });
}

/**
 * Puts the price of use beside the plan's, where it is not yet: nothing is charged for it. What a schedule has in store for
 * the plan must name it too, or it would end with the period.
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
        message: "A change of plan waits for its payment. Confirm it or give it up first.",
      });
    await addMeteredItem(subscription.id, await priceIdOf(overagePrices[plan.offer.interval]));
  }
  const next = findOffer(nextLookupKey);
  if (next === undefined) return;
  const after = (await listSubscriptions(customerId)).find(({ id }) => id === subscription.id);
  const metered = meteredItemOf(after?.items ?? []);
  if (after === undefined || metered === undefined) throw new AppError("billing_unavailable");
  const prices = [
    [plan.item.id, await priceIdOf(next.price.lookupKey)],
    [metered.id, await priceIdOf(overagePrices[next.interval])],
  ] as const;
  await schedulePriceChange(after, new Map(prices));
}

/** Writes what was chosen, and who did it, where it is something else than before. */
async function writeSettings(tx: Tx, payer: Payer, settings: OverageSettings, at: Date): Promise<void> {
  const { workspaceId, userId: actorUserId } = payer;
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
