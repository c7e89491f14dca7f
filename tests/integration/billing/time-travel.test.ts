import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addMonths, now, shiftClock } from "#lib/core/clock.ts";
import { followSandboxClock } from "#lib/jobs/follow-sandbox-clock.ts";
import { type BillingTestEnv, startBillingTestEnv } from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
let stop: () => void;
const minuteMs = 60_000;
const soon = { timeout: 10_000, interval: 20 };

beforeEach(async () => {
  testEnv = await startBillingTestEnv();
});
afterEach(async () => {
  stop();
  shiftClock(0);
  await testEnv.close();
});

/** Returns the distance of our clock from a moment in whole minutes. */
const minutesFrom = (moment: Date) => Math.round((now().getTime() - moment.getTime()) / minuteMs);

const waitingJobs = async () => {
  const rows = await testEnv.sql<{ name: string }[]>`
    select name from pgboss.job where singleton_key = 'clock-changed' and state = 'created' order by name`;
  return rows.map(({ name }) => name);
};

test("our clock follows the sandbox's clock forward and back on a reset", async () => {
  stop = followSandboxClock(testEnv.url);
  const begun = new Date();
  await testEnv.control("clock/advance", { months: 1 });
  await vi.waitFor(() => expect(minutesFrom(addMonths(begun, 1))).toBe(0), soon);
  await testEnv.control("reset", {});
  await vi.waitFor(() => expect(minutesFrom(new Date())).toBe(0), soon);
});

test("an advance of the sandbox's clock enqueues the periodic jobs, and an initial offset does not", async () => {
  const begun = new Date();
  await testEnv.control("clock/advance", { months: 2 });
  stop = followSandboxClock(testEnv.url);
  await vi.waitFor(() => expect(minutesFrom(addMonths(begun, 2))).toBe(0), soon);
  expect(await waitingJobs()).toEqual([]);
  await testEnv.control("clock/advance", { seconds: 86_400 });
  await vi.waitFor(
    async () =>
      expect(await waitingJobs()).toEqual([
        "account.start-due-deletions",
        "billing.sweep",
        "usage.expire-grants",
      ]),
    soon,
  );
});
