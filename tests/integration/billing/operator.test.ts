import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listDrift } from "#lib/billing/operator/drift-list.ts";
import {
  checkNow,
  fixDrift,
  giveCredit,
  replayEvent,
  syncNow,
} from "#lib/billing/operator/operator-actions.ts";
import { listEvents, readEvent } from "#lib/billing/operator/stripe-event-list.ts";
import { processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addCustomer,
  type BillingTestEnv,
  listStripeEvents,
  postWebhook,
  readGrants,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { sumsOf } from "#tests/integration/usage/workspace.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

const operator = { userId: newId(), role: "operator" as const };
const dayMs = 86_400_000;
const listAuditEntries = (action: string, target: string) =>
  testEnv.sql<{ actor: string; data: Record<string, unknown> }[]>`
    select actor_user_id as actor, data from audit_log where action = ${action} and target = ${target}`;

describe("operator access", () => {
  const user = { userId: newId(), role: "user" as const };
  const credit = {
    ...{
      workspaceId: newId(),
      amountMicros: 1,
      expiresAt: new Date("2099-01-01"),
      reason: "why",
      nonce: newId(),
    },
  };
  test.each([
    ["replayEvent", () => replayEvent(user, "evt_1", now())],
    ["syncNow", () => syncNow(user, newId(), now())],
    ["fixDrift", () => fixDrift(user, "cus_1")],
    ["checkNow", () => checkNow(user, null, now())],
    ["giveCredit", () => giveCredit(user, credit, now())],
  ])("%s is a 404 for a user who is not an operator", async (_name, action) => {
    await expect(action()).rejects.toMatchObject({ code: "not_found" });
  });

  test("the list of operator actions above is complete", () => {
    const source = readFileSync("lib/billing/operator/operator-actions.ts", "utf8");
    const operatorActions = [...source.matchAll(/^export async function (\w+)/gm)].map(
      (match) => match[1] ?? "",
    );
    const here = readFileSync("tests/integration/billing/operator.test.ts", "utf8");
    expect(operatorActions.filter((action) => !here.includes(`["${action}", () => ${action}(user`))).toEqual(
      [],
    );
    expect(operatorActions.length).toBeGreaterThan(4);
  });

  const files = readdirSync("app/(operator)", { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => /(^|\/)(page|layout|route)\.tsx?$/.test(file));

  test.each(pages)("%s requires an operator first", (file) => {
    const source = readFileSync(`app/(operator)/${file}`, "utf8");
    const body = /export default async function \w+\([^)]*\)[^{]*\{\n\s*(.*)/.exec(source)?.[1];
    expect(body).toBe("await requireOperator();");
  });

  test("every console action is created by operatorAction in one file", () => {
    const withActions = files.filter(
      (file) =>
        /\.tsx?$/.test(file) && /["']use server["']/.test(readFileSync(`app/(operator)/${file}`, "utf8")),
    );
    expect(withActions).toEqual(["operator/actions.ts"]);
    const source = readFileSync("app/(operator)/operator/actions.ts", "utf8");
    const exported = [...source.matchAll(/^export .*$/gm)].map((match) => match[0]);
    expect(exported.length).toBeGreaterThan(4);
    expect(exported.filter((text) => !/^export const \w+Action = operatorAction\(/.test(text))).toEqual([]);
  });
});

describe("the webhook inbox", () => {
  test("replaying an event concurrently processes it once more and grants nothing twice", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const event = (await listStripeEvents(testEnv, customer)).find(({ type }) => type === "invoice.paid");
    const eventId = event?.id ?? "";
    await postWebhook(testEnv, event);
    await processEvent(eventId);
    await testEnv.sql`update pgboss.job set state = 'completed' where data->>'eventId' = ${eventId}`;
    expect(await readEvent(testEnv.db, eventId)).toMatchObject({ state: "done", attempts: 1 });
    const answers = await Promise.all([1, 2, 3].map(() => replayEvent(operator, eventId, now())));
    expect(answers.filter(({ queued }) => queued)).toHaveLength(1);
    const waiting = await testEnv.sql`
      select 1 from pgboss.job where state = 'created' and name = 'stripe.event' and data->>'eventId' = ${eventId}`;
    expect(waiting).toHaveLength(1);
    expect(await readEvent(testEnv.db, eventId)).toMatchObject({ state: "received", attempts: 0 });
    await processEvent(eventId);
    await processEvent(eventId);
    expect(await readEvent(testEnv.db, eventId)).toMatchObject({ state: "done", attempts: 1 });
    expect(await readGrants(testEnv, ada)).toHaveLength(1);
    expect([...(await listAuditEntries("stripe_event.replayed", eventId))]).toEqual([
      { actor: operator.userId, data: { type: "invoice.paid", was: "done" } },
    ]);
    await expect(replayEvent(operator, "evt_unknown", now())).rejects.toMatchObject({ code: "not_found" });
  });

  test("the event list filters by state, type, customer and id and paginates without a gap", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const events = await listStripeEvents(testEnv, customer);
    for (const event of events) await postWebhook(testEnv, event);
    await testEnv.sql`update stripe_events set state = 'failed', last_error = 'no' where id = ${events[0]?.id ?? ""}`;
    const ids: string[] = [];
    let before: { at: Date; id: string } | undefined;
    do {
      const page = await listEvents(testEnv.db, { customerId: customer, before }, 3);
      ids.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      before = page.length === 3 && last ? { at: last.receivedAt, id: last.id } : undefined;
    } while (before !== undefined);
    expect(ids.toSorted()).toEqual(events.map(({ id }) => id).sort());
    const failed = await listEvents(testEnv.db, { customerId: customer, state: "failed" }, 9);
    expect(failed.map(({ id }) => id)).toEqual([events[0]?.id]);
    const paid = await listEvents(testEnv.db, { customerId: customer, type: "invoice." }, 50);
    expect(paid.length).toBe(events.filter(({ type }) => type.startsWith("invoice.")).length);
    expect(await listEvents(testEnv.db, { id: events[0]?.id }, 9)).toHaveLength(1);
    // A percent sign is no wildcard.
    expect(await listEvents(testEnv.db, { id: "evt_%" }, 9)).toEqual([]);
  });
});

describe("manual credit (M1)", () => {
  test("M1: manual credit is granted once per form, however often it is sent, and audited with its reason", async () => {
    const ada = await addCustomer(testEnv);
    const credit = {
      workspaceId: ada.workspaceId,
      amountMicros: 2_500_000,
      expiresAt: new Date(now().getTime() + 30 * dayMs),
      reason: "An outage on our side",
      nonce: newId(),
    };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => giveCredit(operator, credit, now())));
    expect(answers.filter(({ given }) => given)).toHaveLength(1);
    expect(await readGrants(testEnv, ada)).toMatchObject([
      {
        kind: "manual",
        amountMicros: 2_500_000,
        sourceKey: `manual:${credit.nonce}`,
        expiresAt: credit.expiresAt,
      },
    ]);
    const data = {
      amountMicros: 2_500_000,
      expiresAt: credit.expiresAt.toISOString(),
      reason: "An outage on our side",
    };
    expect([...(await listAuditEntries("credit.given", `manual:${credit.nonce}`))]).toEqual([
      { actor: operator.userId, data },
    ]);
    expect(await giveCredit(operator, { ...credit, nonce: newId() }, now())).toEqual({ given: true });
    expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ balance: 5_000_000, entries: 5_000_000 });
  });

  test("M1: manual credit is rejected for a past expiry and an unknown workspace", async () => {
    const ada = await addCustomer(testEnv);
    const credit = {
      ...{ workspaceId: ada.workspaceId, amountMicros: 1, expiresAt: now(), reason: "no", nonce: newId() },
    };
    await expect(giveCredit(operator, credit, now())).rejects.toMatchObject({ code: "invalid_input" });
    const nowhere = { ...credit, workspaceId: newId(), expiresAt: new Date("2099-01-01") };
    await expect(giveCredit(operator, nowhere, now())).rejects.toMatchObject({ code: "not_found" });
    expect(await readGrants(testEnv, ada)).toEqual([]);
  });
});

describe("drift in the operator console", () => {
  test("a drift check is a job that changes nothing, and a fix runs at once in the operator's name", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await checkNow(operator, customer, now());
    await checkNow(operator, null, now());
    const jobs = await testEnv.sql`
      select name, data->>'mode' as mode from pgboss.job where state = 'created'
        and (data->>'customerId' = ${customer} and name = 'billing.reconcile' or name = 'billing.sweep') order by name`;
    expect([...jobs]).toEqual([
      { name: "billing.reconcile", mode: "note" },
      { name: "billing.sweep", mode: "note" },
    ]);
    await testEnv.sql`update subscriptions set status = 'unpaid' where workspace_id = ${ada.workspaceId}`;
    expect(await fixDrift(operator, customer)).toMatchObject({ found: { length: 1 }, left: [] });
    const closed = await listDrift(testEnv.db, { state: "closed", customerId: customer }, 9);
    expect(closed).toMatchObject([{ workspaceId: ada.workspaceId, name: "Ada Lovelace" }]);
    expect(await listDrift(testEnv.db, { state: "open", customerId: customer }, 9)).toEqual([]);
    expect([...(await listAuditEntries("drift.fixed", customer))]).toMatchObject([
      { actor: operator.userId },
    ]);
    expect(await listAuditEntries("drift.checked", customer)).toHaveLength(1);
  });
});
