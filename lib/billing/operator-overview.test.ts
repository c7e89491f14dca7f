import { expect, test } from "vitest";
import { withoutGaps } from "#lib/billing/operator-overview.ts";

const day = (name: string, mrrCents: number, started: number) => ({
  ...{ day: name, mrrCents, started, paying: 2, trialing: 1, pastDue: 0, ended: 1, failedPayments: 3 },
});

test("a day that was not written down stands as the one before it, and nothing happened on it", () => {
  const days = withoutGaps([day("2026-12-30", 1_900, 1), day("2027-01-02", 3_800, 2)]);
  const quiet = { mrrCents: 1_900, paying: 2, trialing: 1, started: 0, ended: 0, failedPayments: 0 };
  expect(days).toMatchObject([
    { day: "2026-12-30", started: 1, failedPayments: 3 },
    { day: "2026-12-31", ...quiet },
    { day: "2027-01-01", ...quiet },
    { day: "2027-01-02", mrrCents: 3_800, started: 2 },
  ]);
});

test("days without a gap stay as they are", () => {
  const days = [day("2026-12-30", 1_900, 1), day("2026-12-31", 1_900, 0)];
  expect(withoutGaps(days)).toEqual(days);
  expect(withoutGaps([])).toEqual([]);
});
