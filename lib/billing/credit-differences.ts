import { allowanceKey, boughtTime, monthStartsOf, upgradeKey } from "#lib/billing/allowance.ts";
import type { CustomerState } from "#lib/billing/fetch-customer.ts";
import { graceKeyOf, grantsDue, grantsEnded, topUpKey, trialKeyOf } from "#lib/billing/grants-due.ts";
import { moneyBack } from "#lib/billing/money-back.ts";
import type { OurBooks, OurGrant } from "#lib/billing/read-books.ts";
import { formatMoney } from "#lib/ground/money.ts";

/** Where Stripe and we differ, in words for an operator. */
export type Difference = { what: string; ours: string; theirs: string };

/** Credit that is due and was not given, has ended and was not, went back and was not taken, or was never paid for. */
export function differencesInCredit(ours: OurBooks, theirs: CustomerState, at: Date): Difference[] {
  const given = new Map(ours.grants.map((grant) => [grant.sourceKey, grant]));
  return [
    ...notGiven(given, theirs, at),
    ...notEnded(given, theirs),
    ...notTakenBack(given, theirs),
    ...notPaidFor(ours, theirs, at),
  ];
}

type Given = ReadonlyMap<string, OurGrant>;

function notGiven(given: Given, theirs: CustomerState, at: Date): Difference[] {
  return grantsDue(theirs, at)
    .filter(({ sourceKey }) => !given.has(sourceKey))
    .map(({ sourceKey, amountMicros }) => ({
      what: `Credit ${sourceKey}`,
      ours: "not given",
      theirs: `${formatMoney(amountMicros)} due`,
    }));
}

function notEnded(given: Given, theirs: CustomerState): Difference[] {
  return grantsEnded(theirs)
    .map(({ sourceKey, endedAt }) => {
      const grant = given.get(sourceKey);
      // What runs to its own expiry is left to expire.
      return grant === undefined || (endedAt !== null && endedAt >= grant.expiresAt) ? undefined : grant;
    })
    .filter((grant) => grant !== undefined)
    .filter(({ remainingMicros }) => remainingMicros > 0)
    .map(({ sourceKey, remainingMicros }) => ({
      what: `Credit ${sourceKey}`,
      ours: `${formatMoney(remainingMicros)} left`,
      theirs: "ended",
    }));
}

/** Of each grant the same share as went back of its payment (M18, M19), except what had expired by then. */
function notTakenBack(given: Given, theirs: CustomerState): Difference[] {
  const targets = new Map(
    moneyBack(theirs).flatMap(({ sourceKeys, returnedCents, paidCents }) =>
      sourceKeys.map((key) => [key, { returnedCents, paidCents }] as const),
    ),
  );
  return [...targets].flatMap(([key, { returnedCents, paidCents }]) => {
    const grant = given.get(key);
    if (grant === undefined) return [];
    const share = Number((BigInt(grant.amountMicros) * BigInt(returnedCents)) / BigInt(paidCents));
    const target = Math.min(share, grant.amountMicros - grant.expiredMicros);
    if (target === grant.takenBackMicros) return [];
    const [ours, due] = [grant.takenBackMicros, target].map((micros) => `${formatMoney(micros)} taken back`);
    return [{ what: `Credit ${key}`, ours: ours ?? "", theirs: due ?? "" }];
  });
}

/** Stripe is asked for so many at most; beyond them it cannot be said what was never paid for. */
const mostFetched = 100;
const fromStripe = /^(allowance|upgrade|trial|grace|top_up):/;

function notPaidFor(ours: OurBooks, theirs: CustomerState, at: Date): Difference[] {
  const known = new Set(theirs.invoices.map(({ id }) => id));
  // An invoice that this customer does not have is of one that was before it, whose credit may still run.
  const isWhole =
    theirs.invoices.length < mostFetched &&
    theirs.sessions.length < mostFetched &&
    ours.invoices.every(({ id, status }) => known.has(id) || status === "draft");
  if (!isWhole) return [];
  const entitled = keysPaidFor(theirs);
  return ours.grants
    .filter(
      ({ sourceKey, expiresAt }) => fromStripe.test(sourceKey) && expiresAt > at && !entitled.has(sourceKey),
    )
    .filter(({ remainingMicros }) => remainingMicros > 0)
    .map(({ sourceKey, amountMicros }) => ({
      what: `Credit ${sourceKey}`,
      ours: `${formatMoney(amountMicros)} given`,
      theirs: "nothing was paid for it",
    }));
}

/** The source keys of whatever this state has, or may have had, a right to. */
function keysPaidFor(state: CustomerState): Set<string> {
  const { subscriptions, invoices, sessions } = state;
  const months = boughtTime(state).flatMap((bought) =>
    monthStartsOf(bought).map((startsAt) => allowanceKey(bought, { startsAt })),
  );
  const upgrades = invoices
    .filter(({ status }) => status === "paid")
    .flatMap(({ id, lines }) =>
      lines
        .map(({ subscriptionItemId }) => subscriptionItemId)
        .filter((item) => item !== null)
        .map((item) => upgradeKey(item, id)),
    );
  const topUps = sessions
    .map(({ paymentIntentId }) => paymentIntentId)
    .filter((intent) => intent !== null)
    .map(topUpKey);
  return new Set([
    ...months,
    ...upgrades,
    ...topUps,
    ...subscriptions.map(({ id }) => trialKeyOf(id)),
    ...invoices.map(({ id }) => graceKeyOf(id)),
  ]);
}
