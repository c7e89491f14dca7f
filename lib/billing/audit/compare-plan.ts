import type { Deviation } from "#lib/billing/audit/compare-credit.ts";
import type {
  AuditedInvoice,
  AuditedSubscription,
  LedgerFacts,
  StripeFacts,
} from "#lib/billing/audit/facts.ts";
import { formatMicros } from "#lib/billing/audit/format-micros.ts";
import { planList } from "#lib/billing/catalog/plans.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";

const dayMs = 86_400_000;
/** A plan stays for three days after the first failed payment (M13). */
const graceMs = 3 * dayMs;
/** Around a moment at which the plan changes, both plans are right for so long: events take time. */
const toleranceMs = 3_600_000;
const freePlan = planList[0]?.id ?? "free";

/**
 * Compares the plan that the product applies with the highest plan that is paid, in its trial or in its grace
 * period (M11, M13, M14). Subscriptions in good standing come before others. Pure.
 */
export function comparePlan(
  { subscriptions, invoices }: StripeFacts,
  effectivePlan: string,
  atMs: number,
): Deviation[] {
  const before = paidPlanAt(subscriptions, invoices, atMs - toleranceMs);
  const after = paidPlanAt(subscriptions, invoices, atMs);
  if (effectivePlan === before || effectivePlan === after) return [];
  const states = subscriptions
    .filter(({ items }) => items.length > 0)
    .map(({ id, status, items }) => `${id} is ${status} with ${items.map(({ plan }) => plan).join(" and ")}`);
  const explanation =
    states.length === 0
      ? "The customer has no subscription to one of our plans."
      : `At Stripe, ${states.join("; ")}.`;
  return [{ kind: "plan", expected: after, actual: effectivePlan, explanation }];
}

function paidPlanAt(
  subscriptions: readonly AuditedSubscription[],
  invoices: readonly AuditedInvoice[],
  atMs: number,
): string {
  const good = subscriptions.filter((each) => isInGoodStanding(each, atMs));
  const inGrace = subscriptions.filter((each) => isInGrace(each, invoices, atMs));
  const counted = good.some(({ items }) => items.length > 0) ? good : inGrace;
  const items = counted.flatMap((subscription) => subscription.items);
  return items.toSorted((a, b) => b.rank - a.rank)[0]?.plan ?? freePlan;
}

function isInGoodStanding({ status, trialEndMs }: AuditedSubscription, atMs: number): boolean {
  return (
    status === "active" || (status === "trialing" && (trialEndMs === null || atMs < trialEndMs + graceMs))
  );
}

/**
 * The grace period starts with the oldest open invoice: at its failed payment, or when it was due if it was
 * sent. Without one, it starts with the period.
 */
function isInGrace(
  { id, status, items }: AuditedSubscription,
  invoices: readonly AuditedInvoice[],
  atMs: number,
): boolean {
  if (status !== "past_due") return false;
  const failed = invoices
    .filter((invoice) => invoice.subscriptionId === id && invoice.status === "open")
    .filter(({ attemptCount, dueMs }) => attemptCount > 0 || dueMs !== null)
    .map(({ dueMs, finalizedMs, createdMs }) => dueMs ?? finalizedMs ?? createdMs);
  const sinceMs = failed.length > 0 ? Math.min(...failed) : Math.max(0, ...items.map(({ fromMs }) => fromMs));
  return atMs < sinceMs + graceMs;
}

/** Compares trial credit with the running trials (M11): it lasts as long as the trial. Pure. */
export function compareTrials(
  { subscriptions }: StripeFacts,
  { grants }: LedgerFacts,
  atMs: number,
): Deviation[] {
  const trials = grants.filter(({ kind }) => kind === "trial");
  const running = subscriptions.filter(
    ({ status, trialEndMs, items }) =>
      status === "trialing" && trialEndMs !== null && trialEndMs > atMs && items.length > 0,
  );
  const missing = running
    .filter(({ trialEndMs }) => !trials.some(({ expiresMs }) => expiresMs === trialEndMs))
    .map(({ id, trialEndMs }) => ({
      expected: `${formatMicros(proTrial.creditMicros)} until ${new Date(trialEndMs ?? 0).toISOString()}`,
      actual: "no trial credit until then",
      explanation: `Subscription ${id} is in its trial, whose credit does not last as long as the trial.`,
    }));
  const limit = running.length * proTrial.creditMicros;
  const usable = trials
    .filter(({ expiresMs }) => expiresMs > atMs)
    .reduce((sum, { remainingMicros }) => sum + Math.max(0, remainingMicros), 0);
  const extra = {
    expected: `at most ${formatMicros(limit)}`,
    actual: formatMicros(usable),
    explanation: `${running.length} trials are running at Stripe; the rest of the trial credit should have ended.`,
  };
  return [...missing, ...(usable > limit ? [extra] : [])].map((each) => ({ kind: "trial_credit", ...each }));
}

/**
 * Checks that the operator was told of what no rule decides: a customer who pays for two plans at once, or
 * only for something that is not ours (B4, B6, B11). Pure.
 */
export function compareDecisions(
  { subscriptions }: StripeFacts,
  { hasOpenDecision }: LedgerFacts,
): Deviation[] {
  const paid = subscriptions.filter(({ status }) => status === "active");
  const ours = paid.flatMap(({ items }) => items.map(({ plan }) => plan));
  const isForeignOnly =
    paid.length > 0 && !subscriptions.some(({ status, items }) => items.length > 0 && mayCount(status));
  if (hasOpenDecision || (ours.length < 2 && !isForeignOnly)) return [];
  const explanation =
    ours.length < 2
      ? `The customer pays only for what is not in our catalog: ${paid.map(({ id }) => id).join(" and ")}.`
      : `The customer pays for ${ours.join(" and ")} at the same time.`;
  return [
    { kind: "undecided", expected: "an open finding", actual: "the operator was not told", explanation },
  ];
}

function mayCount(status: string): boolean {
  return status !== "canceled" && status !== "incomplete_expired";
}
