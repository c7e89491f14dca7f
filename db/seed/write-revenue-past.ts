import type { Tx } from "#db/client.ts";
import { revenueDaily } from "#db/schema/billing-records.ts";
import { plans } from "#lib/billing/plans.ts";

const dayMs = 86_400_000;
const days = 63;

/** When somebody came to pay, or to try, and until when, in days before today; null for those who are still there. */
const payers: [since: number, until: number | null][] = [
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
/** Days on which a payment failed and was mended the next day. */
const failures = [52, 37, 36, 24, 16, 9];

/**
 * Nine weeks of a small business before today, so that the operator's curves have a shape: a few who tried, paid, and left
 * again. Today is counted from what is really there. A day that was written down stays as it is.
 */
export async function writeRevenuePast(tx: Tx, at: Date): Promise<void> {
  const pro = plans.pro.prices.month?.cents ?? 0;
  const rows = Array.from({ length: days }, (_, index) => {
    const daysAgo = days - index;
    const isOn = ([since, until]: [number, number | null]) => daysAgo <= since && daysAgo > (until ?? 0);
    const there = payers.filter(isOn).length;
    const pastDue = failures.includes(daysAgo) ? 1 : 0;
    return {
      day: new Date(at.getTime() - daysAgo * dayMs).toISOString().slice(0, 10),
      mrrCents: there * pro,
      paying: there - pastDue,
      trialing: trials.filter(isOn).length,
      pastDue,
      started: payers.filter(([since]) => since === daysAgo).length,
      ended: payers.filter(([, until]) => until === daysAgo).length,
      failedPayments: pastDue,
      takenAt: at,
    };
  });
  await tx.insert(revenueDaily).values(rows).onConflictDoNothing();
}
