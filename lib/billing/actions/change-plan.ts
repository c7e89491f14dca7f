import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { decidePlanChange, type PlanChangeDecision } from "#lib/billing/actions/decide-plan-change.ts";
import { overagePrices } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { requirePriceId } from "#lib/billing/catalog/price-ids.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { meteredItemOf } from "#lib/billing/customer/subscription-items.ts";
import { meterWorkspace } from "#lib/billing/sync/meter-outbox.ts";
import { balanceAfter, computeDueCents, findUsedDiscounts } from "#lib/billing/sync/next-payment.ts";
import { suspendScheduledChange } from "#lib/billing/sync/scheduled-changes.ts";
import { refreshCustomer } from "#lib/billing/sync/sync-customer.ts";
import { addMonths } from "#lib/core/clock.ts";
import { AppError, notFound } from "#lib/core/errors.ts";
import { fromCents } from "#lib/core/money.ts";
import { readPayment, voidInvoice } from "#lib/gateways/stripe/payments.ts";
import {
  changePriceInTrial,
  changePriceNow,
  type PriceChange,
  previewNextPeriod,
  previewPriceChange,
} from "#lib/gateways/stripe/price-changes.ts";
import {
  releaseSchedule,
  schedulePriceChange,
  writeSuspendedChange,
} from "#lib/gateways/stripe/schedules.ts";
import { listSubscriptions } from "#lib/gateways/stripe/subscriptions.ts";
import type { UpcomingInvoice } from "#lib/gateways/stripe/upcoming-invoice.ts";

/** What a plan change costs and when it takes effect (M20). */
export type ChangePreview = {
  from: Offer;
  to: Offer;
  when: PlanChangeDecision["when"];
  trial: PlanChangeDecision["trial"];
  takesEffectAt: Date;
  /** The immediate charge; 0 for a change at the period's end. */
  dueNowMicros: number;
  nextPayment: { at: Date; micros: number };
  /**
   * The second from which Stripe prorates. Pass it back when accepting, so that the charge equals the
   * preview.
   */
  prorationDate: Date;
};

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
 * Previews a change to another plan or interval: its exact cost and when it takes effect. Changes nothing.
 * @returns null when that plan is already in force
 * @throws AppError forbidden, not_found, conflict, billing_unavailable
 */
export async function previewChange(
  admin: BillingAdmin,
  lookupKey: string,
  at: Date,
): Promise<ChangePreview | null> {
  requireBillingAdmin(admin);
  const to = requireOffer(lookupKey);
  const customerId = await requireCustomerId(admin.workspaceId);
  await meterWorkspace(admin.workspaceId, at);
  const change = decidePlanChange(await listSubscriptions(customerId), to);
  if (change === null) return null;
  const prorationDate = prorationDateWithin(change.item, at);
  return previewOf(change, prorationDate);
}

/**
 * Returns the current second, clamped to the current period, because Stripe's clock may differ slightly from
 * ours.
 */
function prorationDateWithin({ periodStart, periodEnd }: PlanChangeDecision["item"], at: Date): Date {
  const second = Math.floor(at.getTime() / 1_000) * 1_000;
  return new Date(Math.min(Math.max(second, periodStart.getTime()), periodEnd.getTime()));
}

async function previewOf(change: PlanChangeDecision, prorationDate: Date): Promise<ChangePreview> {
  const { when, trial, from, to, item } = change;
  const startsNewPeriod =
    trial === "ends" || (when === "now" && trial === null && from.interval !== to.interval);
  const nextAt = startsNewPeriod ? addMonths(prorationDate, to.interval === "year" ? 12 : 1) : item.periodEnd;
  const now = isBilledNow(change)
    ? await previewPriceChange(await priceChangeOf(change, prorationDate))
    : null;
  const nextCents = await nextCentsOf(change, { prorationDate, nextAt, now, startsNewPeriod });
  return {
    from,
    to,
    when,
    trial,
    takesEffectAt: when === "now" ? prorationDate : item.periodEnd,
    dueNowMicros: fromCents(now?.dueCents ?? 0),
    nextPayment: { at: nextAt, micros: fromCents(nextCents) },
    prorationDate,
  };
}

/**
 * Whether the change creates an invoice today: not at the period's end, within a trial, or without a new
 * price.
 */
function isBilledNow({ when, trial, from, to }: PlanChangeDecision): boolean {
  return when === "now" && trial !== "goes_on" && from !== to;
}

type PreviewContext = {
  prorationDate: Date;
  nextAt: Date;
  /** Today's invoice; null when nothing is billed today. */
  now: { dueCents: number; invoice: UpcomingInvoice } | null;
  startsNewPeriod: boolean;
};

/**
 * Returns the amount of the first invoice after the change, in cents. If a new period starts today, that
 * invoice equals today's, without prorations and used-up discounts.
 */
async function nextCentsOf(
  change: PlanChangeDecision,
  { prorationDate, nextAt, now, startsNewPeriod }: PreviewContext,
): Promise<number> {
  const { discounts } = change.subscription;
  const equalsToday = now !== null && startsNewPeriod;
  const next = equalsToday
    ? { ...now.invoice, lines: now.invoice.lines.filter(({ isProration }) => !isProration) }
    : await previewNextPeriod(await priceChangeOf(change, prorationDate));
  const balanceCents = now === null ? next.balanceCents : balanceAfter(now.invoice, now.dueCents);
  const usedDiscounts = now === null ? new Set<string>() : findUsedDiscounts(now.invoice, discounts);
  return computeDueCents({ ...next, balanceCents }, { discounts, at: nextAt, usedDiscounts });
}

/**
 * Changes to another plan or interval as previewed (M20): charges exactly the accepted amount, or changes
 * nothing. Upgrades are charged first; downgrades wait for the period's end. Idempotent.
 * @throws AppError forbidden, not_found, conflict (something has changed since the preview),
 *   payment_declined, billing_unavailable; nothing has changed then
 */
export async function changePlan(
  admin: BillingAdmin,
  accepted: AcceptedPreview,
  at: Date,
): Promise<ChangeResult> {
  requireBillingAdmin(admin);
  const to = requireOffer(accepted.lookupKey);
  const { workspaceId, userId } = admin;
  const customerId = await requireCustomerId(workspaceId);
  // A change of interval invoices overage so far, so Stripe must have it.
  await meterWorkspace(workspaceId, at);
  const outcome = await withCustomerLock(workspaceId, async (tx) => {
    const change = decidePlanChange(await listSubscriptions(customerId), to);
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
}

async function executeChange(
  change: PlanChangeDecision,
  { dueNowMicros, prorationDate }: AcceptedPreview,
  at: Date,
): Promise<ChangeResult | { state: "declined" }> {
  const { subscription, from, to } = change;
  if (change.when === "period_end") {
    const { items } = await priceChangeOf(change, prorationDate);
    await schedulePriceChange(subscription, new Map(items.map(({ itemId, priceId }) => [itemId, priceId])));
    return { state: "scheduled" };
  }
  if (from === to) {
    if (subscription.scheduleId !== null) await releaseSchedule(subscription.scheduleId);
    return { state: "changed" };
  }
  const age = at.getTime() - prorationDate.getTime();
  const priceChange = await priceChangeOf(change, prorationDate);
  // A preview from a previous period or trial is outdated.
  const isFresh = age >= -1_000 && age <= previewMaxAgeMs && prorationDate >= change.item.periodStart;
  const isAsPreviewed = isFresh && fromCents(await dueNowOf(change, priceChange)) === dueNowMicros;
  if (!isAsPreviewed)
    throw new AppError("conflict", { message: "The price has changed since you looked. Please look again." });
  // Only after the checks, so that a rejected change keeps the scheduled one.
  await suspendScheduledChange(subscription);
  if (change.trial === "goes_on") {
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

async function dueNowOf(change: PlanChangeDecision, priceChange: PriceChange): Promise<number> {
  return isBilledNow(change) ? (await previewPriceChange(priceChange)).dueCents : 0;
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
export async function keepPlan(admin: BillingAdmin, at: Date): Promise<void> {
  requireBillingAdmin(admin);
  const { workspaceId, userId: actorUserId } = admin;
  const customerId = await requireCustomerId(workspaceId);
  await withCustomerLock(workspaceId, async (tx) => {
    for (const subscription of await listSubscriptions(customerId)) {
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
}

/**
 * Builds the price change. The overage item follows the plan's interval, because Stripe bills all items
 * together.
 */
async function priceChangeOf(
  { subscription, item, to, trial }: PlanChangeDecision,
  prorationDate: Date,
): Promise<PriceChange> {
  const items = [{ itemId: item.id, priceId: await requirePriceId(to.price.lookupKey) }];
  const metered = meteredItemOf(subscription.items);
  const meteredKey = overagePrices[to.interval];
  if (metered !== undefined && metered.price.lookupKey !== meteredKey)
    items.push({ itemId: metered.id, priceId: await requirePriceId(meteredKey) });
  return { subscriptionId: subscription.id, items, prorationDate, endsTrial: trial === "ends" };
}

function requireOffer(lookupKey: string): Offer {
  const offer = findOffer(lookupKey);
  if (offer === undefined) throw notFound("price");
  return offer;
}

async function requireCustomerId(workspaceId: string): Promise<string> {
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw notFound("subscription");
  return customerId;
}
