import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { disableOverage, enableOverage, setOverageCap } from "#lib/billing/actions/overage-settings.ts";
import { sendWarnings } from "#lib/billing/emails/send-warnings.ts";
import { now } from "#lib/core/clock.ts";
import { usd } from "#lib/core/money.ts";
import { grantCredit } from "#lib/usage/grants.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";

let testEnv: BillingTestEnv;
let ada: Customer;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  ada = await addCustomer(testEnv);
  await subscribe(testEnv, ada, "pro_month");
});
afterAll(() => testEnv.close());

const listEmails = async () =>
  (
    await testEnv.sql`select subject, text from outgoing_mail where unique_key like 'warning:%' order by created_at, unique_key`
  ).map(({ subject, text }) => ({ subject: String(subject), text: String(text) }));
const listSubjects = async () => (await listEmails()).map(({ subject }) => subject);
/** Spends credit and runs the warning job three times concurrently. */
const spendAndWarn = async (micros: number) => {
  await spendCredit(testEnv, ada, micros);
  await Promise.all([sendWarnings(now()), sendWarnings(now()), sendWarnings(now())]);
};

test("M17: the allowance warns at 50, 80 and 100 %, once each", async () => {
  await spendAndWarn(usd(7.49));
  expect(await listSubjects()).toEqual([]);
  await spendAndWarn(usd(0.01));
  expect(await listSubjects()).toEqual(["You’ve used half of your credit"]);
  await spendAndWarn(usd(4.49));
  await spendAndWarn(usd(0.01));
  await spendAndWarn(usd(2.9));
  expect(await listSubjects()).toEqual(["You’ve used half of your credit", "You’ve used 80% of your credit"]);
  expect((await listEmails())[1]?.text).toContain("$12.00 of the $15.00");
  await spendAndWarn(usd(0.1));
  expect((await listSubjects()).slice(2)).toEqual(["You’ve used all of your credit"]);
  expect((await listEmails())[2]?.text).toContain("or enable extra usage with a limit you choose");
});

test("M17: several thresholds reached at once send one email for the highest", async () => {
  await spendCredit(testEnv, ada, usd(13));
  await sendWarnings(now());
  expect(await listSubjects()).toEqual(["You’ve used 80% of your credit"]);
});

test("M17: a remainder too small for an answer counts as used up", async () => {
  await spendCredit(testEnv, ada, usd(15) - 9_000);
  await sendWarnings(now());
  expect(await listSubjects()).toEqual(["You’ve used all of your credit"]);
});

test("M17: an upgrade or a top-up within the period does not repeat a warning", async () => {
  await spendAndWarn(usd(13));
  const [grant] = await testEnv.sql<{ starts: string; ends: string }[]>`
    select starts_at::text as starts, expires_at::text as ends from grants where workspace_id = ${ada.workspaceId} and kind = 'allowance'
      and amount_micros = ${usd(15)}`;
  const span = { startsAt: now(), expiresAt: new Date(grant?.ends ?? "") };
  const more = { kind: "allowance" as const, amountMicros: usd(80), ...span, sourceKey: "upgrade" };
  await grantCredit(testEnv.db, ada.workspaceId, more, now());
  await spendAndWarn(usd(70));
  expect(await listSubjects()).toEqual(["You’ve used 80% of your credit"]);
  await spendAndWarn(usd(12));
  expect((await listSubjects()).slice(1)).toEqual(["You’ve used all of your credit"]);
});

test("M17: the next period warns again", async () => {
  await enableOverage(ada, usd(20), now());
  await spendAndWarn(usd(8));
  const end = (await readOverageWindow(testEnv.db, ada.workspaceId, now()))?.endsAt ?? now();
  await testEnv.travel(new Date(end.getTime() + 65 * 60_000).toISOString());
  const next = {
    kind: "allowance" as const,
    amountMicros: usd(15),
    startsAt: end,
    expiresAt: new Date(end.getTime() + 30 * 86_400_000),
    sourceKey: "the next month",
  };
  await grantCredit(testEnv.db, ada.workspaceId, next, now());
  await spendAndWarn(usd(8));
  expect(await listSubjects()).toEqual([
    "You’ve used half of your credit",
    "You’ve used half of your credit",
  ]);
});

test("M17: the cap warns at 50, 80 and 100 %, once each, also after it was changed", async () => {
  await enableOverage(ada, usd(20), now());
  await spendAndWarn(usd(15));
  expect((await listEmails())[0]?.text).toContain("keep going up to $20.00");
  await spendAndWarn(usd(10));
  expect((await listSubjects()).slice(1)).toEqual(["You’ve used half of your spending limit"]);
  await spendAndWarn(usd(6));
  expect((await listSubjects()).slice(2)).toEqual(["You’ve used 80% of your spending limit"]);
  await setOverageCap(ada, usd(40), now());
  await spendAndWarn(usd(20));
  expect(await listSubjects()).toHaveLength(3);
  await spendAndWarn(usd(4));
  expect((await listSubjects()).slice(3)).toEqual(["You’ve reached your spending limit"]);
  await disableOverage(ada, now());
  await sendWarnings(now());
  expect(await listSubjects()).toHaveLength(4);
});

test("M17: a period that ended before its warning sends none", async () => {
  await spendCredit(testEnv, ada, usd(15));
  await sendWarnings(new Date(now().getTime() + 40 * 86_400_000));
  await sendWarnings(now());
  expect(await listSubjects()).toEqual([]);
});
