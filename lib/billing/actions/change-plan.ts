import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { decidePlanChange, type PlanChangeDecision } from "#lib/billing/actions/decide-plan-change.ts";
import {
  isBilledNow,
  requireCustomerId,
  requireOffer,
  toPriceChange,
} from "#lib/billing/actions/preview-plan-change.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { listPlanSubscriptions } from "#lib/billing/customer/plan-subscriptions.ts";
import { refuseDuringDeletion } from "#lib/billing/customer/refuse-during-deletion.ts";
import { meterWorkspace } from "#lib/billing/sync/meter-outbox.ts";
import { suspendScheduledChange } from "#lib/billing/sync/scheduled-changes.ts";
import { refreshCustomer } from "#lib/billing/sync/sync-customer.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { fromMinorUnits } from "#lib/core/money.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { readPayment, voidInvoice } from "#lib/gateways/stripe/payments.ts";
import {
  changePriceInTrial,
  changePriceNow,
  type PriceChange,
  previewPriceChange,
} from "#lib/gateways/stripe/price-changes.ts";
import {
  releaseSchedule,
  schedulePriceChange,
  writeSuspendedChange,
} from "#lib/gateways/stripe/schedules.ts";

/** The preview that the user accepted. */
export type AcceptedPreview = { lookupKey: string; dueNowMicros: number; prorationDate: Date };

/**
 * The result of a change: done, scheduled for the period's end, or waiting for the bank's confirmation of an
 * invoice.
 */
export type ChangeResult =
  | { state: "changed" }
  | { state: "scheduled" }
  | { state: "confirm"; invoiceId: string };

/** An older preview is not charged; the user sees a new one. */
const previewMaxAgeMs = 15 * 60_000;

/**
 * Changes to another plan or interval as previewed (M20): charges exactly the accepted amount, or changes
 * nothing. Upgrades are charged first; downgrades wait for the period's end. Idempotent.
 * @throws AppError forbidden, not_found, conflict (something has changed since the preview),
 *   payment_declined, billing_unavailable; nothing has changed then
 */
export const changePlan = traced(
  "billing.changePlan",
  async (admin: BillingAdmin, accepted: AcceptedPreview, at: Date): Promise<ChangeResult> => {
    requireBillingAdmin(admin);
    const to = requireOffer(accepted.lookupKey);
    const { workspaceId, userId } = admin;
    await refuseDuringDeletion(db(), workspaceId);
    const customerId = await requireCustomerId(workspaceId);
    // A change of interval invoices overage so far, so Stripe must have it.
    await meterWorkspace(workspaceId, at);
    const outcome = await withCustomerLock(workspaceId, async (tx) => {
      const change = decidePlanChange(await listPlanSubscriptions(customerId), to);
      if (change === null) return { state: "changed" } as const;
      const changed = await executeChange(change, accepted, at);
      await refreshCustomer(tx, workspaceId, customerId, at);
      const data = { from: change.from.price.lookupKey, to: accepted.lookupKey, outcome: changed.state };
      const target = change.subscription.id;
      await recordAudit(
        tx,
        { action: "subscription.changed", actorUserId: userId, workspaceId, target, data },
        at,
      );
      return changed;
    });
    if (outcome.state === "declined") throw new AppError("payment_declined");
    return outcome;
  },
);

async function executeChange(
  change: PlanChangeDecision,
  { dueNowMicros, prorationDate }: AcceptedPreview,
  at: Date,
): Promise<ChangeResult | { state: "declined" }> {
  const { subscription, from, to } = change;
  if (change.when === "period_end") {
    const { items } = await toPriceChange(change, prorationDate);
    await schedulePriceChange(subscription, new Map(items.map(({ itemId, priceId }) => [itemId, priceId])));
    return { state: "scheduled" };
  }
  if (from === to) {
    if (subscription.scheduleId !== null) await releaseSchedule(subscription.scheduleId);
    return { state: "changed" };
  }
  const age = at.getTime() - prorationDate.getTime();
  const priceChange = await toPriceChange(change, prorationDate);
  // A preview from a previous period or trial is outdated.
  const isFresh = age >= -1_000 && age <= previewMaxAgeMs && prorationDate >= change.item.periodStart;
  const isAsPreviewed = isFresh && (await dueNowOf(change, priceChange)) === dueNowMicros;
  if (!isAsPreviewed) throw new AppError("conflict", { reason: errorReason("priceChanged") });
  // Only after the checks, so that a rejected change keeps the scheduled one.
  await suspendScheduledChange(subscription);
  if (change.trial === "continues") {
    await changePriceInTrial(priceChange);
    return { state: "changed" };
  }
  const key = [
    "change",
    subscription.id,
    ...priceChange.items.map(({ priceId }) => priceId),
    prorationDate.getTime(),
    subscription.latestInvoiceId,
  ].join(":");
  const changed = await changePriceNow(priceChange, key);
  return changed.pendingUntil === null ? { state: "changed" } : awaitPayment(changed.latestInvoiceId);
}

/** Returns today's charge, in millionths of the subscription's currency. */
async function dueNowOf(change: PlanChangeDecision, priceChange: PriceChange): Promise<number> {
  if (!isBilledNow(change)) return 0;
  return fromMinorUnits((await previewPriceChange(priceChange)).dueCents, change.item.price.currency);
}

/**
 * Returns `confirm` if the bank must confirm the payment. A declined payment is voided, which drops the
 * pending change.
 */
async function awaitPayment(invoiceId: string | null): Promise<ChangeResult | { state: "declined" }> {
  if (invoiceId === null) throw new AppError("billing_unavailable");
  if ((await readPayment(invoiceId)).needsAction) return { state: "confirm", invoiceId };
  return (await voidInvoice(invoiceId)) ? { state: "declined" } : { state: "changed" };
}

/**
 * Drops pending, scheduled and suspended changes, so that the current plan continues. Idempotent.
 * @throws AppError forbidden, not_found, billing_unavailable
 */
export const keepPlan = traced("billing.keepPlan", async (admin: BillingAdmin, at: Date): Promise<void> => {
  requireBillingAdmin(admin);
  const { workspaceId, userId: actorUserId } = admin;
  const customerId = await requireCustomerId(workspaceId);
  await withCustomerLock(workspaceId, async (tx) => {
    for (const subscription of await listPlanSubscriptions(customerId)) {
      const { id, scheduleId, pendingUntil, latestInvoiceId, suspendedChange } = subscription;
      if (scheduleId === null && pendingUntil === null && suspendedChange === null) continue;
      if (suspendedChange !== null) await writeSuspendedChange(id, null);
      if (scheduleId !== null) await releaseSchedule(scheduleId);
      if (pendingUntil !== null && latestInvoiceId !== null) await voidInvoice(latestInvoiceId);
      const entry = { action: "subscription.change_given_up", actorUserId, workspaceId, target: id };
      await recordAudit(tx, entry, at);
    }
    await refreshCustomer(tx, workspaceId, customerId, at);
  });
});
