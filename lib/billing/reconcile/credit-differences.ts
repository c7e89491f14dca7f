import { grantsDue, grantsToRevoke } from "#lib/billing/credit/grants-due.ts";
import { paidGrants } from "#lib/billing/credit/paid-grants.ts";
import { clawBacksDue, isClawedBack } from "#lib/billing/credit/refunds-and-disputes.ts";
import { graceSourceKey, topUpSourceKey, trialSourceKey } from "#lib/billing/credit/source-keys.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import type { Difference } from "#lib/billing/customer/record-drift.ts";
import type { LocalGrant, LocalState } from "#lib/billing/reconcile/local-state.ts";
import { formatMoney } from "#lib/core/money.ts";

/** Returns grants that are missing, not revoked, not clawed back, or never paid for. Pure. */
export function creditDifferences(ours: LocalState, theirs: CustomerState, at: Date): Difference[] {
  const existing = new Map(ours.grants.map((grant) => [grant.sourceKey, grant]));
  return [
    ...missingGrants(existing, theirs, at),
    ...unrevokedGrants(existing, theirs),
    ...missingClawBacks(existing, theirs),
    ...unpaidGrants(ours, theirs, at),
  ];
}

type GrantsByKey = ReadonlyMap<string, LocalGrant>;

/** A grant is not issued if more than it was spent of the grace grant before it (M13). */
function missingGrants(existing: GrantsByKey, theirs: CustomerState, at: Date): Difference[] {
  const graceSpent = (graceKey: string | null) => existing.get(graceKey ?? "")?.spentMicros ?? 0;
  return grantsDue(theirs, at)
    .filter(({ sourceKey }) => !existing.has(sourceKey))
    .filter(({ amountMicros, graceKey }) => amountMicros > graceSpent(graceKey))
    .map(({ sourceKey, amountMicros }) => ({
      what: `Credit ${sourceKey}`,
      ours: "not given",
      theirs: `${formatMoney(amountMicros)} due`,
    }));
}

function unrevokedGrants(existing: GrantsByKey, theirs: CustomerState): Difference[] {
  return grantsToRevoke(theirs)
    .map(({ sourceKey, endedAt }) => {
      const grant = existing.get(sourceKey);
      // A grant that expires by itself is not revoked.
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

/** Compares each grant's clawed-back amount with what is due (M12, M18, M19), less what had expired. */
function missingClawBacks(existing: GrantsByKey, theirs: CustomerState): Difference[] {
  return clawBacksDue(theirs).flatMap(({ sourceKey, targetMicros }) => {
    const grant = existing.get(sourceKey);
    if (grant === undefined || isClawedBack(grant, targetMicros)) return [];
    const [ours, due] = [grant.takenBackMicros, targetMicros].map(
      (micros) => `${formatMoney(micros)} taken back`,
    );
    return [{ what: `Credit ${sourceKey}`, ours: ours ?? "", theirs: due ?? "" }];
  });
}

/** One page of Stripe's lists. With more objects, unpaid grants cannot be detected. */
const pageSize = 100;
const paidSourceKey = /^(allowance|upgrade|late|trial|grace|top_up):/;

function unpaidGrants(ours: LocalState, theirs: CustomerState, at: Date): Difference[] {
  const fetchedIds = new Set(theirs.invoices.map(({ id }) => id));
  // An invoice that was not fetched belongs to a previous customer, whose credit may still be valid.
  const isComplete =
    theirs.invoices.length < pageSize &&
    theirs.sessions.length < pageSize &&
    ours.invoices.every(({ id, status }) => fetchedIds.has(id) || status === "draft");
  if (!isComplete) return [];
  const paidKeys = possibleSourceKeys(theirs);
  return ours.grants
    .filter(
      ({ sourceKey, expiresAt }) =>
        paidSourceKey.test(sourceKey) && expiresAt > at && !paidKeys.has(sourceKey),
    )
    .filter(({ remainingMicros }) => remainingMicros > 0)
    .map(({ sourceKey, amountMicros }) => ({
      what: `Credit ${sourceKey}`,
      ours: `${formatMoney(amountMicros)} given`,
      theirs: "nothing was paid for it",
    }));
}

/** Returns the source keys of all grants that this state may have entitled to. */
function possibleSourceKeys(state: CustomerState): Set<string> {
  const { subscriptions, invoices, sessions } = state;
  const topUps = sessions
    .map(({ paymentIntentId }) => paymentIntentId)
    .filter((intent) => intent !== null)
    .map(topUpSourceKey);
  const invoiced = invoices
    .filter(({ status }) => status === "paid")
    .flatMap(({ id, paymentIntentIds }) => [id, ...paymentIntentIds].map(topUpSourceKey));
  return new Set([
    ...paidGrants(state).map(({ sourceKey }) => sourceKey),
    ...topUps,
    ...invoiced,
    ...subscriptions.map(({ id }) => trialSourceKey(id)),
    ...invoices.map(({ id }) => graceSourceKey(id)),
  ]);
}
