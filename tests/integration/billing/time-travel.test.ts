import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addMonths, now, shiftClock } from "#lib/core/clock.ts";
import { followSandboxClock } from "#lib/jobs/follow-sandbox-clock.ts";
import { type BillingWorld, createBillingWorld } from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
let stop: () => void;
const minuteMs = 60_000;
const soon = { timeout: 10_000, interval: 20 };

beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(async () => {
  stop();
  shiftClock(0);
  await world.close();
});

/** How far our clock is from a moment, in whole minutes. */
const minutesFrom = (moment: Date) => Math.round((now().getTime() - moment.getTime()) / minuteMs);

const waitingJobs = async () => {
  const rows = await world.sql<{ name: string }[]>`
    select name from pgboss.job where singleton_key = 'travelled' and state = 'created' order by name`;
  return rows.map(({ name }) => name);
};

test("where the sandbox travels, we travel: a month on, and back again when it is reset", async () => {
  stop = followSandboxClock(world.url);
  const begun = new Date();
  await world.control("clock/advance", { months: 1 });
  await vi.waitFor(() => expect(minutesFrom(addMonths(begun, 1))).toBe(0), soon);
  await world.control("reset", {});
  await vi.waitFor(() => expect(minutesFrom(new Date())).toBe(0), soon);
});

test("what time alone causes is looked after when time jumps, and not for a clock that was ahead from the start", async () => {
  const begun = new Date();
  await world.control("clock/advance", { months: 2 });
  stop = followSandboxClock(world.url);
  await vi.waitFor(() => expect(minutesFrom(addMonths(begun, 2))).toBe(0), soon);
  expect(await waitingJobs()).toEqual([]);
  await world.control("clock/advance", { seconds: 86_400 });
  await vi.waitFor(
    async () => expect(await waitingJobs()).toEqual(["billing.sweep", "usage.expire-grants"]),
    soon,
  );
});
