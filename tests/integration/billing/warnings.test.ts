import { afterEach, beforeEach, expect, test } from "vitest";
import { disableOverage, enableOverage, setOverageCap } from "#lib/billing/actions/overage-settings.ts";
import { sendWarnings } from "#lib/billing/warnings.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { spend } from "#tests/integration/billing/spend.ts";

let world: BillingWorld;
let ada: Customer;
beforeEach(async () => {
  world = await createBillingWorld();
  ada = await addCustomer(world);
  await subscribe(world, ada, "pro_month");
});
afterEach(() => world.close());

const letters = async () =>
  (
    await world.sql`select subject, text from outgoing_mail where unique_key like 'warning:%' order by created_at, unique_key`
  ).map(({ subject, text }) => ({ subject: String(subject), text: String(text) }));
const subjects = async () => (await letters()).map(({ subject }) => subject);
/** Spends, and lets the job run, as often and as many at once as it pleases. */
const spendAndWarn = async (micros: number) => {
  await spend(world, ada, micros);
  await Promise.all([sendWarnings(now()), sendWarnings(now()), sendWarnings(now())]);
};

test("M17: warnings at 50, 80 and 100 % of the allowance, once each", async () => {
  await spendAndWarn(usd(7.49));
  expect(await subjects()).toEqual([]);
  await spendAndWarn(usd(0.01));
  expect(await subjects()).toEqual(["Half of your credit is used"]);
  await spendAndWarn(usd(4.49));
  await spendAndWarn(usd(0.01));
  await spendAndWarn(usd(2.9));
  expect(await subjects()).toEqual(["Half of your credit is used", "Four fifths of your credit are used"]);
  expect((await letters())[1]?.text).toContain("$12.00 of the $15.00");
  await spendAndWarn(usd(0.1));
  expect((await subjects()).slice(2)).toEqual(["Your credit is used up"]);
  expect((await letters())[2]?.text).toContain("or let your workspace go on up to a limit of your own");
});

test("M17: what is reached in one go is one letter, the highest", async () => {
  await spend(world, ada, usd(13));
  await sendWarnings(now());
  expect(await subjects()).toEqual(["Four fifths of your credit are used"]);
});

test("M17: a rest that no answer can be had for counts as used up", async () => {
  await spend(world, ada, usd(15) - 9_000);
  await sendWarnings(now());
  expect(await subjects()).toEqual(["Your credit is used up"]);
});

test("M17: an upgrade within the period, and credit that was bought, warn of nothing a second time", async () => {
  await spendAndWarn(usd(13));
  const [grant] = await world.sql<{ starts: string; ends: string }[]>`
    select starts_at::text as starts, expires_at::text as ends from grants where workspace_id = ${ada.workspaceId} and kind = 'allowance'
      and amount_micros = ${usd(15)}`;
  const span = { startsAt: now(), expiresAt: new Date(grant?.ends ?? "") };
  const more = { kind: "allowance" as const, amountMicros: usd(80), ...span, sourceKey: "upgrade" };
  await grantCredit(world.db, ada.workspaceId, more, now());
  await spendAndWarn(usd(70));
  expect(await subjects()).toEqual(["Four fifths of your credit are used"]);
  await spendAndWarn(usd(12));
  expect((await subjects()).slice(1)).toEqual(["Your credit is used up"]);
});

test("M17: the next period warns anew", async () => {
  await enableOverage(ada, usd(20), now());
  await spendAndWarn(usd(8));
  const end = (await readOverageWindow(world.db, ada.workspaceId, now()))?.endsAt ?? now();
  await world.travel(new Date(end.getTime() + 65 * 60_000).toISOString());
  const next = {
    kind: "allowance" as const,
    amountMicros: usd(15),
    startsAt: end,
    expiresAt: new Date(end.getTime() + 30 * 86_400_000),
    sourceKey: "the next month",
  };
  await grantCredit(world.db, ada.workspaceId, next, now());
  await spendAndWarn(usd(8));
  expect(await subjects()).toEqual(["Half of your credit is used", "Half of your credit is used"]);
});

test("M17: warnings at 50, 80 and 100 % of the cap, once each, also after the cap was moved", async () => {
  await enableOverage(ada, usd(20), now());
  await spendAndWarn(usd(15));
  expect((await letters())[0]?.text).toContain("goes on, up to $20.00");
  await spendAndWarn(usd(10));
  expect((await subjects()).slice(1)).toEqual(["Half of your limit beyond credit is used"]);
  await spendAndWarn(usd(6));
  expect((await subjects()).slice(2)).toEqual(["Four fifths of your limit beyond credit are used"]);
  await setOverageCap(ada, usd(40), now());
  await spendAndWarn(usd(20));
  expect(await subjects()).toHaveLength(3);
  await spendAndWarn(usd(4));
  expect((await subjects()).slice(3)).toEqual(["Your limit beyond credit is reached"]);
  await disableOverage(ada, now());
  await sendWarnings(now());
  expect(await subjects()).toHaveLength(4);
});

test("M17: what is over before anybody was told of it is no news", async () => {
  await spend(world, ada, usd(15));
  await sendWarnings(new Date(now().getTime() + 40 * 86_400_000));
  await sendWarnings(now());
  expect(await subjects()).toEqual([]);
});
