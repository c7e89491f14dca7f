import type { Tx } from "#db/client.ts";
import { revenueDaily } from "#db/schema/billing-records.ts";
import { plans } from "#lib/billing/catalog/plans.ts";

const dayMs = 86_400_000;
const days = 63;

/** Start and end of each paid subscription and trial, in days before today; null if it has not ended. */
const paidPeriods: [since: number, until: number | null][] = [
  [80, 41],
  [58, null],
  [47, 9],
  [33, 16],
  [26, 4],
];
const trials: [since: number, until: number][] = [
  [61, 47],
  [47, 33],
  [40, 26],
  [30, 21],
  [18, 4],
  [15, 2],
];
/** Days on which a payment failed; it succeeded on the next day. */
const failures = [52, 37, 36, 24, 16, 9];

/**
 * Writes nine weeks of daily revenue figures before today for the operator's charts: a few trials,
 * subscriptions and cancellations. Existing days are not changed.
 */
export async function writeRevenueHistory(tx: Tx, at: Date): Promise<void> {
  const pro = plans.pro.prices.month?.cents ?? 0;
  const rows = Array.from({ length: days }, (_, index) => {
    const daysAgo = days - index;
    const isOn = ([since, until]: [number, number | null]) => daysAgo <= since && daysAgo > (until ?? 0);
    const active = paidPeriods.filter(isOn).length;
    const pastDue = failures.includes(daysAgo) ? 1 : 0;
    return {
      day: new Date(at.getTime() - daysAgo * dayMs).toISOString().slice(0, 10),
      mrrCents: active * pro,
      paying: active - pastDue,
      trialing: trials.filter(isOn).length,
      pastDue,
      started: paidPeriods.filter(([since]) => since === daysAgo).length,
      ended: paidPeriods.filter(([, until]) => until === daysAgo).length,
      failedPayments: pastDue,
      takenAt: at,
    };
  });
  await tx.insert(revenueDaily).values(rows).onConflictDoNothing();
}
