import type { Tx } from "#db/client.ts";
import { findOffer, offerTitle } from "#lib/billing/catalog/plans.ts";
import { overReturnedCents } from "#lib/billing/credit/month-credit.ts";
import type { InvoicedState } from "#lib/billing/credit/paid-lines.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { type Difference, recordDrift } from "#lib/billing/customer/record-drift.ts";
import { isRunning } from "#lib/billing/customer/subscription-statuses.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { formatsFor } from "#lib/core/formats.ts";
import type { StripeSubscription, StripeSubscriptionItem } from "#lib/gateways/stripe/objects.ts";

type Facts = InvoicedState &
  Pick<CustomerState, "otherSubscriptions" | "productNames" | "deleted" | "balanceDebitedCents">;

/**
 * Returns what an administrator made at Stripe and no rule decides: two plans that are paid at the same time,
 * only a subscription whose price is not in our catalog, or money returned for time that nobody paid. Another
 * product beside a plan of ours is not our concern. Pure.
 */
export function undecidedFacts(state: Facts): Difference[] {
  const running = state.subscriptions.filter(isRunning);
  return [
    ...twoSubscriptions(running),
    ...running.flatMap(twoPlanItems),
    ...unknownPrices(running, state),
    ...overReturned(state),
  ];
}

/** Decided once an administrator debited the balance by as much; a deleted customer has no balance. */
function overReturned(state: Facts): Difference[] {
  const found = overReturnedCents(state);
  const cents = [...found.values()].reduce((sum, each) => sum + each, 0);
  if (state.deleted || state.balanceDebitedCents >= Math.max(1, cents)) return [];
  return [...found.keys()].map((id) => ({
    what: `Returned time of subscription ${id}`,
    ours: "at most what was paid for",
    theirs: "more; correct the customer's balance",
  }));
}

function twoSubscriptions(running: StripeSubscription[]): Difference[] {
  if (running.length < 2) return [];
  const theirs = running
    .map(({ id }) => id)
    .sort()
    .join(" and ");
  return [{ what: "Running subscriptions", ours: "one at most", theirs }];
}

function twoPlanItems({ id, items }: StripeSubscription): Difference[] {
  const names = items.flatMap(({ price }) => {
    const offer = findOffer(price.lookupKey);
    return offer === undefined ? [] : [offerTitle(offer)];
  });
  if (names.length < 2) return [];
  const theirs = names.sort().join(" and ");
  return [{ what: `Plans of subscription ${id}`, ours: "one; the higher one counts", theirs }];
}

function unknownPrices(running: StripeSubscription[], state: Facts): Difference[] {
  if (running.length > 0) return [];
  return state.otherSubscriptions.filter(isRunning).map(({ id, status, items }) => ({
    what: `Subscription ${id}`,
    ours: "no plan of ours, so it entitles to nothing",
    theirs: `${status}: ${items.map((item) => describeItem(item, state)).join(" and ")}`,
  }));
}

function describeItem({ price, quantity }: StripeSubscriptionItem, { productNames }: Facts): string {
  const name = productNames.get(price.productId) ?? price.productId;
  const { unitAmountCents, currency, interval } = price;
  const amount =
    unitAmountCents === null ? "" : ` at ${formatsFor("en").currency(unitAmountCents * quantity, currency)}`;
  return `${name}${amount} a ${interval ?? "time"} (${price.id})`;
}

/**
 * Records what no rule decides as the operator's open finding of the customer, and alerts when it is new.
 * Under the customer's lock. The finding closes when nothing is undecided any more.
 */
export async function recordUndecided(
  tx: Tx,
  workspaceId: string,
  state: Facts & { customerId: string },
  at: Date,
): Promise<void> {
  const { customerId } = state;
  const left = undecidedFacts(state);
  const finding = { source: "sync", customerId, workspaceId, found: left, left, fixedBy: null } as const;
  if (await recordDrift(tx, finding, at)) await alertOnUndecided(customerId, left);
}

async function alertOnUndecided(customerId: string, left: Difference[]): Promise<void> {
  await raiseAlert({
    key: `billing.undecided:${customerId}:${left.map(({ what }) => what).join(";")}`,
    title: "A customer's subscriptions need a decision",
    detail: `Customer ${customerId}: ${left
      .map(({ what, ours, theirs }) => `${what}: ${theirs} (${ours})`)
      .join("; ")}. See /operator/drift.`,
  });
}
