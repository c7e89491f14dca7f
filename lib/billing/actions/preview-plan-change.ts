import { db } from "#db/client.ts";
import { decidePlanChange, type PlanChangeDecision } from "#lib/billing/actions/decide-plan-change.ts";
import { overagePrices } from "#lib/billing/catalog/overage-prices.ts";
import { findOffer, type Offer } from "#lib/billing/catalog/plans.ts";
import { requirePriceId } from "#lib/billing/catalog/price-ids.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { findCustomerId } from "#lib/billing/customer/customers.ts";
import { listPlanSubscriptions } from "#lib/billing/customer/plan-subscriptions.ts";
import { meteredItemOf } from "#lib/billing/customer/subscription-items.ts";
import { meterWorkspace } from "#lib/billing/sync/meter-outbox.ts";
import { balanceAfter, computeDueCents, findUsedDiscounts } from "#lib/billing/sync/next-payment.ts";
import { addMonths } from "#lib/core/clock.ts";
import { notFound } from "#lib/core/errors.ts";
import { fromMinorUnits } from "#lib/core/money.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import {
  type PriceChange,
  previewNextPeriod,
  previewPriceChange,
} from "#lib/gateways/stripe/price-changes.ts";
import type { UpcomingInvoice } from "#lib/gateways/stripe/upcoming-invoice.ts";

/** What a plan change costs and when it takes effect (M20). */
export type ChangePreview = {
  from: Offer;
  to: Offer;
  when: PlanChangeDecision["when"];
  trial: PlanChangeDecision["trial"];
  takesEffectAt: Date;
  /** ISO 4217; the amounts are millionths of its unit. */
  currency: string;
  /** The immediate charge; 0 for a change at the period's end. */
  dueNowMicros: number;
  nextPayment: { at: Date; micros: number };
  /**
   * The second from which Stripe prorates. Pass it back when accepting, so that the charge equals the
   * preview.
   */
  prorationDate: Date;
};

/**
 * Previews a change to another plan or interval: its exact cost and when it takes effect. Changes nothing.
 * @returns null when that plan is already in force
 * @throws AppError forbidden, not_found, conflict, billing_unavailable
 */
export const previewChange = traced(
  "billing.previewChange",
  async (admin: BillingAdmin, lookupKey: string, at: Date): Promise<ChangePreview | null> => {
    requireBillingAdmin(admin);
    const to = requireOffer(lookupKey);
    const customerId = await requireCustomerId(admin.workspaceId);
    await meterWorkspace(admin.workspaceId, at);
    const change = decidePlanChange(await listPlanSubscriptions(customerId), to);
    if (change === null) return null;
    const prorationDate = prorationDateWithin(change.item, at);
    return previewOf(change, prorationDate);
  },
);

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
  const { currency } = item.price;
  const startsNewPeriod =
    trial === "ends" || (when === "now" && trial === null && from.interval !== to.interval);
  const nextAt = startsNewPeriod ? addMonths(prorationDate, to.interval === "year" ? 12 : 1) : item.periodEnd;
  const now = isBilledNow(change)
    ? await previewPriceChange(await toPriceChange(change, prorationDate))
    : null;
  const nextCents = await nextCentsOf(change, { prorationDate, nextAt, now, startsNewPeriod });
  return {
    from,
    to,
    when,
    trial,
    takesEffectAt: when === "now" ? prorationDate : item.periodEnd,
    currency,
    dueNowMicros: fromMinorUnits(now?.dueCents ?? 0, currency),
    nextPayment: { at: nextAt, micros: fromMinorUnits(nextCents, currency) },
    prorationDate,
  };
}

/**
 * Whether the change creates an invoice today: not at the period's end, within a trial, or without a new
 * price.
 */
export function isBilledNow({ when, trial, from, to }: PlanChangeDecision): boolean {
  return when === "now" && trial !== "continues" && from !== to;
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
    : await previewNextPeriod(await toPriceChange(change, prorationDate));
  const balanceCents = now === null ? next.balanceCents : balanceAfter(now.invoice, now.dueCents);
  const usedDiscounts = now === null ? new Set<string>() : findUsedDiscounts(now.invoice, discounts);
  return computeDueCents({ ...next, balanceCents }, { discounts, at: nextAt, usedDiscounts });
}

/**
 * Builds the price change. The overage item follows the plan's interval, because Stripe bills all items
 * together.
 */
export async function toPriceChange(
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

/** Returns the offer with a lookup key. @throws AppError not_found */
export function requireOffer(lookupKey: string): Offer {
  const offer = findOffer(lookupKey);
  if (offer === undefined) throw notFound("price");
  return offer;
}

/** Returns a workspace's customer. @throws AppError not_found without one */
export async function requireCustomerId(workspaceId: string): Promise<string> {
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw notFound("subscription");
  return customerId;
}
