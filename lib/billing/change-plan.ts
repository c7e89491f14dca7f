import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { type Change, decideChange } from "#lib/billing/decide-change.ts";
import { meterWorkspace } from "#lib/billing/meter-outbox.ts";
import { balanceAfter, dueCentsOf, spentBy } from "#lib/billing/next-payment.ts";
import { overagePrices } from "#lib/billing/overage-prices.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { findOffer, type Offer } from "#lib/billing/plans.ts";
import { priceIdOf } from "#lib/billing/price-ids.ts";
import { putAside } from "#lib/billing/settle-store.ts";
import { meteredItemOf } from "#lib/billing/subscription-items.ts";
import { refreshCustomer } from "#lib/billing/sync.ts";
import { addMonths } from "#lib/core/clock.ts";
import { AppError, notFound } from "#lib/core/errors.ts";
import { fromCents } from "#lib/core/money.ts";
import { listSubscriptions } from "#lib/gateways/stripe/stripe.ts";
import {
  changePriceNow,
  noteStore,
  type PriceChange,
  previewNextPeriod,
  previewPriceChange,
  releaseSchedule,
  schedulePriceChange,
  voidInvoice,
} from "#lib/gateways/stripe/plan-changes.ts";
import { readPayment } from "#lib/gateways/stripe/payments.ts";
import { changePriceInTrial } from "#lib/gateways/stripe/trials.ts";
import type { UpcomingInvoice } from "#lib/gateways/stripe/upcoming-invoice.ts";

/** What a change of plan costs and brings, before anybody has agreed to it (M20). */
export type ChangePreview = {
  from: Offer;
  to: Offer;
  when: Change["when"];
  trial: Change["trial"];
  takesEffectAt: Date;
  /** What is charged at once; nothing for a change that waits. */
  dueNowMicros: number;
  nextPayment: { at: Date; micros: number };
  /** The second to which time was reckoned; to be handed back with the agreement, so that the charge is the one shown. */
  reckonedAt: Date;
};

/** What somebody has seen and agreed to. */
export type Agreement = { lookupKey: string; dueNowMicros: number; reckonedAt: Date };

/** What became of a change: done, in store for the period's end, or waiting for the bank to be asked about an invoice. */
export type Changed = { state: "changed" } | { state: "scheduled" } | { state: "confirm"; invoiceId: string };

/** A preview older than this is shown again rather than charged. */
const previewMs = 15 * 60_000;

/**
 * Shows what moving to another plan or interval would cost, to the cent, and when it takes effect. Changes nothing.
 * @returns null when that plan runs already
 * @throws AppError forbidden, not_found, conflict, billing_unavailable
 */
export async function previewChange(
  payer: Payer,
  lookupKey: string,
  at: Date,
): Promise<ChangePreview | null> {
  requirePayer(payer);
  const to = offerOf(lookupKey);
  const customerId = await customerOf(payer.workspaceId);
  await meterWorkspace(payer.workspaceId, at);
  const change = decideChange(await listSubscriptions(customerId), to);
  if (change === null) return null;
  const reckonedAt = secondWithin(change.item, at);
  return previewOf(change, reckonedAt);
}

/** Stripe reckons in whole seconds of the period that runs, and its clock may be a little ahead of ours, or behind. */
function secondWithin({ periodStart, periodEnd }: Change["item"], at: Date): Date {
  const second = Math.floor(at.getTime() / 1_000) * 1_000;
  return new Date(Math.min(Math.max(second, periodStart.getTime()), periodEnd.getTime()));
}

async function previewOf(change: Change, reckonedAt: Date): Promise<ChangePreview> {
  const { when, trial, from, to, item } = change;
  const beginsAnew = trial === "ends" || (when === "now" && trial === null && from.interval !== to.interval);
  const nextAt = beginsAnew ? addMonths(reckonedAt, to.interval === "year" ? 12 : 1) : item.periodEnd;
  const now = isBilledNow(change) ? await previewPriceChange(await priceChangeOf(change, reckonedAt)) : null;
  const nextCents = await nextCentsOf(change, { reckonedAt, nextAt, now, beginsAnew });
  return {
    from,
    to,
    when,
    trial,
    takesEffectAt: when === "now" ? reckonedAt : item.periodEnd,
    dueNowMicros: fromCents(now?.dueCents ?? 0),
    nextPayment: { at: nextAt, micros: fromCents(nextCents) },
    reckonedAt,
  };
}

/** What waits, what is tried, and what is kept makes no invoice today. */
function isBilledNow({ when, trial, from, to }: Change): boolean {
  return when === "now" && trial !== "goes_on" && from !== to;
}

type Reckoning = {
  reckonedAt: Date;
  nextAt: Date;
  /** What is billed today. */
  now: { dueCents: number; invoice: UpcomingInvoice } | null;
  beginsAnew: boolean;
};

/**
 * What the invoice after the change collects. A period that begins today is billed by today's invoice, and the next like it, less
 * what that one uses up.
 */
async function nextCentsOf(
  change: Change,
  { reckonedAt, nextAt, now, beginsAnew }: Reckoning,
): Promise<number> {
  const { discounts } = change.subscription;
  const isLikeToday = now !== null && beginsAnew;
  const next = isLikeToday
    ? { ...now.invoice, lines: now.invoice.lines.filter(({ isProration }) => !isProration) }
    : await previewNextPeriod(await priceChangeOf(change, reckonedAt));
  const balanceCents = now === null ? next.balanceCents : balanceAfter(now.invoice, now.dueCents);
  const spent = now === null ? new Set<string>() : spentBy(now.invoice, discounts);
  return dueCentsOf({ ...next, balanceCents }, { discounts, at: nextAt, spent });
}

/**
 * Moves to another plan or interval as it was shown (M20): the charge is the one agreed to, or nothing happens. More for more
 * money is charged before it is given; less waits for the period's end. Sent twice, it happens once.
 * @throws AppError forbidden, not_found, conflict (something has changed since it was shown), payment_declined,
 *   billing_unavailable; nothing has changed then
 */
export async function changePlan(payer: Payer, agreement: Agreement, at: Date): Promise<Changed> {
  requirePayer(payer);
  const to = offerOf(agreement.lookupKey);
  const { workspaceId, userId } = payer;
  const customerId = await customerOf(workspaceId);
  // A change of interval bills what was used up to now, so Stripe must know of it.
  await meterWorkspace(workspaceId, at);
  const outcome = await withCustomerLock(workspaceId, async (tx) => {
    const change = decideChange(await listSubscriptions(customerId), to);
    if (change === null) return { state: "changed" } as const;
    const changed = await carryOut(change, agreement, at);
    await refreshCustomer(tx, workspaceId, customerId, at);
    const data = { from: change.from.price.lookupKey, to: agreement.lookupKey, outcome: changed.state };
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

async function carryOut(
  change: Change,
  { dueNowMicros, reckonedAt }: Agreement,
  at: Date,
): Promise<Changed | { state: "declined" }> {
  const { subscription, from, to } = change;
  if (change.when === "period_end") {
    const { items } = await priceChangeOf(change, reckonedAt);
    await schedulePriceChange(subscription, new Map(items.map(({ itemId, priceId }) => [itemId, priceId])));
    return { state: "scheduled" };
  }
  if (from === to) {
    if (subscription.scheduleId !== null) await releaseSchedule(subscription.scheduleId);
    return { state: "changed" };
  }
  const age = at.getTime() - reckonedAt.getTime();
  const wanted = await priceChangeOf(change, reckonedAt);
  // A period, or a trial, that has ended since then is not reckoned with any more.
  const isFresh = age >= -1_000 && age <= previewMs && reckonedAt >= change.item.periodStart;
  const isAsShown = isFresh && fromCents(await dueNowOf(change, wanted)) === dueNowMicros;
  if (!isAsShown)
    throw new AppError("conflict", { message: "The price has changed since you looked. Please look again." });
  // Only now, so that a change that is refused leaves what was in store.
  await putAside(subscription);
  if (change.trial === "goes_on") {
    await changePriceInTrial(wanted);
    return { state: "changed" };
  }
  const key = [
    "change",
    subscription.id,
    ...wanted.items.map(({ priceId }) => priceId),
    reckonedAt.getTime(),
    subscription.latestInvoiceId,
  ].join(":");
  const changed = await changePriceNow(wanted, key);
  return changed.pendingUntil === null ? { state: "changed" } : awaitPayment(changed.latestInvoiceId);
}

async function dueNowOf(change: Change, wanted: PriceChange): Promise<number> {
  return isBilledNow(change) ? (await previewPriceChange(wanted)).dueCents : 0;
}

/** A bank that wants to be asked is asked by the person themselves; a card that was declined leaves nothing behind. */
async function awaitPayment(invoiceId: string | null): Promise<Changed | { state: "declined" }> {
  if (invoiceId === null) throw new AppError("billing_unavailable");
  if ((await readPayment(invoiceId)).needsAction) return { state: "confirm", invoiceId };
  return (await voidInvoice(invoiceId)) ? { state: "declined" } : { state: "changed" };
}

/**
 * Gives up a change that waits, for its payment or for the period's end, and what was in store before it. The plan stays as it
 * is. Sent twice, it happens once.
 * @throws AppError forbidden, not_found, billing_unavailable
 */
export async function keepPlan(payer: Payer, at: Date): Promise<void> {
  requirePayer(payer);
  const { workspaceId, userId: actorUserId } = payer;
  const customerId = await customerOf(workspaceId);
  await withCustomerLock(workspaceId, async (tx) => {
    for (const subscription of await listSubscriptions(customerId)) {
      const { id, scheduleId, pendingUntil, latestInvoiceId, storeNote } = subscription;
      if (scheduleId === null && pendingUntil === null && storeNote === null) continue;
      if (storeNote !== null) await noteStore(id, null);
      if (scheduleId !== null) await releaseSchedule(scheduleId);
      if (pendingUntil !== null && latestInvoiceId !== null) await voidInvoice(latestInvoiceId);
      const entry = { action: "subscription.change_given_up", actorUserId, workspaceId, target: id };
      await recordAudit(tx, entry, at);
    }
    await refreshCustomer(tx, workspaceId, customerId, at);
  });
}

/** The price of use goes with the plan's interval, because all items of a subscription are billed together. */
async function priceChangeOf(
  { subscription, item, to, trial }: Change,
  reckonedAt: Date,
): Promise<PriceChange> {
  const items = [{ itemId: item.id, priceId: await priceIdOf(to.price.lookupKey) }];
  const metered = meteredItemOf(subscription.items);
  const meteredKey = overagePrices[to.interval];
  if (metered !== undefined && metered.price.lookupKey !== meteredKey)
    items.push({ itemId: metered.id, priceId: await priceIdOf(meteredKey) });
  return { subscriptionId: subscription.id, items, reckonedAt, endsTrial: trial === "ends" };
}

function offerOf(lookupKey: string): Offer {
  const offer = findOffer(lookupKey);
  if (offer === undefined) throw notFound("price");
  return offer;
}

async function customerOf(workspaceId: string): Promise<string> {
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null) throw notFound("subscription");
  return customerId;
}
