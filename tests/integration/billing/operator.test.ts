import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { readCustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { listCustomers, readCustomerSummary } from "#lib/billing/operator/customer-list.ts";
import { listDrift } from "#lib/billing/operator/drift-list.ts";
import {
  checkNow,
  fixDrift,
  giveCredit,
  replayEvent,
  syncNow,
} from "#lib/billing/operator/operator-actions.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { listEvents, readEvent } from "#lib/billing/operator/stripe-event-list.ts";
import { explainInvoice } from "#lib/billing/reports/explain-invoice.ts";
import { readRevenue, writeRevenue } from "#lib/billing/reports/revenue.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { expireGrants, takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  listStripeEvents,
  postWebhook,
  readGrants,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { interaction, rates, sumsOf } from "#tests/integration/usage/workspace.ts";
import { randomRuns } from "#tests/random-budget.ts";

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

/** Spends credit as an answer does. @returns false when the credit is insufficient */
async function spend({ workspaceId }: Customer, micros: number): Promise<boolean> {
  const holdId = randomUUID();
  const at = now();
  const hold = await takeHold(testEnv.db, workspaceId, {
    ...{ holdId, subjectId: holdId, subjectKind: "generation", model: "m", rates, at },
    ...{ amountMicros: micros, minimumMicros: micros, expiresAt: new Date(at.getTime() + dayMs) },
  });
  if (!hold.ok) return false;
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: micros };
  await settleHold(testEnv.db, workspaceId, holdId, {
    usage,
    estimated: false,
    at,
    apiKeyId: null,
    interaction,
  });
  return true;
}

async function buyCredit(customer: Customer, lookupKey: string): Promise<void> {
  const { url } = await startTopUp(customer, lookupKey, now());
  const answer = await submitCard(url, goodCard);
  const session = new URL(answer.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  await finishCheckout(customer.workspaceId, session);
}

describe("operator access", () => {
  const stranger = { userId: newId(), role: "user" as const };
  const gift = {
    ...{
      workspaceId: newId(),
      amountMicros: 1,
      expiresAt: new Date("2099-01-01"),
      reason: "why",
      nonce: newId(),
    },
  };
  test.each([
    ["replayEvent", () => replayEvent(stranger, "evt_1", now())],
    ["syncNow", () => syncNow(stranger, newId(), now())],
    ["fixDrift", () => fixDrift(stranger, "cus_1")],
    ["checkNow", () => checkNow(stranger, null, now())],
    ["giveCredit", () => giveCredit(stranger, gift, now())],
  ])("%s is a 404 for a user who is not an operator", async (_name, action) => {
    await expect(action()).rejects.toMatchObject({ code: "not_found" });
  });

  test("the list of operator actions above is complete", () => {
    const source = readFileSync("lib/billing/operator/operator-actions.ts", "utf8");
    const operatorActions = [...source.matchAll(/^export async function (\w+)/gm)].map(
      (match) => match[1] ?? "",
    );
    const here = readFileSync("tests/integration/billing/operator.test.ts", "utf8");
    expect(
      operatorActions.filter((action) => !here.includes(`["${action}", () => ${action}(stranger`)),
    ).toEqual([]);
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
    const gift = {
      workspaceId: ada.workspaceId,
      amountMicros: 2_500_000,
      expiresAt: new Date(now().getTime() + 30 * dayMs),
      reason: "An outage on our side",
      nonce: newId(),
    };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => giveCredit(operator, gift, now())));
    expect(answers.filter(({ given }) => given)).toHaveLength(1);
    expect(await readGrants(testEnv, ada)).toMatchObject([
      {
        kind: "manual",
        amountMicros: 2_500_000,
        sourceKey: `manual:${gift.nonce}`,
        expiresAt: gift.expiresAt,
      },
    ]);
    const data = {
      amountMicros: 2_500_000,
      expiresAt: gift.expiresAt.toISOString(),
      reason: "An outage on our side",
    };
    expect([...(await listAuditEntries("credit.given", `manual:${gift.nonce}`))]).toEqual([
      { actor: operator.userId, data },
    ]);
    expect(await giveCredit(operator, { ...gift, nonce: newId() }, now())).toEqual({ given: true });
    expect(await sumsOf(testEnv, ada.workspaceId)).toMatchObject({ balance: 5_000_000, entries: 5_000_000 });
  });

  test("M1: manual credit is rejected for a past expiry and an unknown workspace", async () => {
    const ada = await addCustomer(testEnv);
    const gift = {
      ...{ workspaceId: ada.workspaceId, amountMicros: 1, expiresAt: now(), reason: "no", nonce: newId() },
    };
    await expect(giveCredit(operator, gift, now())).rejects.toMatchObject({ code: "invalid_input" });
    const nowhere = { ...gift, workspaceId: newId(), expiresAt: new Date("2099-01-01") };
    await expect(giveCredit(operator, nowhere, now())).rejects.toMatchObject({ code: "not_found" });
    expect(await readGrants(testEnv, ada)).toEqual([]);
  });
});

describe("invoice explanation", () => {
  const invoicesOf = ({ workspaceId }: Customer) =>
    testEnv.sql<
      { id: string }[]
    >`select id from invoices where workspace_id = ${workspaceId} order by created_at, id`;

  /** Sums a workspace's ledger entries by kind. */
  const ledgerOf = async ({ workspaceId }: Customer) => {
    const [row] = await testEnv.sql`
      select coalesce(sum(e.amount_micros) filter (where e.kind = 'grant'), 0)::float8 as granted,
        coalesce(-sum(e.amount_micros) filter (where e.kind = 'spend'), 0)::float8 as spent,
        coalesce(-sum(e.amount_micros) filter (where e.kind in ('take_back', 'restore')), 0)::float8 as back,
        coalesce(-sum(e.amount_micros) filter (where e.kind = 'expire'), 0)::float8 as expired,
        coalesce(sum(e.amount_micros), 0)::float8 as remaining
      from ledger_entries e where e.workspace_id = ${workspaceId}`;
    return row;
  };

  const explainAll = async (customer: Customer) => {
    const invoices = await invoicesOf(customer);
    const explanation = await Promise.all(
      invoices.map(({ id }) => explainInvoice(testEnv.db, customer.workspaceId, id)),
    );
    const grants = explanation.flatMap(({ lines }) => lines.flatMap((line) => line.grants));
    const sum = (of: (grant: (typeof grants)[number]) => number) =>
      grants.reduce((total, grant) => total + of(grant), 0);
    return {
      grants,
      sums: {
        granted: sum(({ grantedMicros }) => grantedMicros),
        spent: sum(({ spentMicros }) => spentMicros),
        back: sum(({ takenBackMicros }) => takenBackMicros),
        expired: sum(({ expiredMicros }) => expiredMicros),
        remaining: sum(({ remainingMicros }) => remainingMicros),
      },
    };
  };

  test("the explanation of all invoices equals the ledger's sums after any spending, refunds and top-ups", async () => {
    const action = fc.oneof(
      { weight: 5, arbitrary: fc.record({ spend: fc.integer({ min: 1, max: 4_000_000 }) }) },
      { weight: 1, arbitrary: fc.record({ refund: fc.integer({ min: 1, max: 400 }) }) },
      { weight: 1, arbitrary: fc.record({ buy: fc.constantFrom("top_up_5", "top_up_20") }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 12 }), async (actions) => {
        const ada = await addCustomer(testEnv);
        const customer = await subscribe(testEnv, ada, "pro_month");
        const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
        for (const each of actions) {
          if ("spend" in each) await spend(ada, each.spend);
          if ("buy" in each) await buyCredit(ada, each.buy);
          if ("refund" in each) {
            // Stripe rejects a refund beyond the charge.
            await testEnv.stripe.refunds
              .create({ charge: charge?.id ?? "", amount: each.refund })
              .catch(() => null);
            await syncCustomer(customer);
          }
        }
        const { grants, sums } = await explainAll(ada);
        expect(sums).toEqual(await ledgerOf(ada));
        for (const grant of grants) {
          expect(grant).toMatchObject({ addsUp: true });
          if (grant.answersBefore !== null) continue;
          const spentMicros = grant.answers.reduce((total, answer) => total + answer.spentMicros, 0);
          expect(spentMicros).toBe(grant.spentMicros);
        }
      }),
      { numRuns: randomRuns(12), endOnFailure: true },
    );
  });

  test("the explanation of a top-up's invoice shows its credit and the answers it paid for", async () => {
    const ada = await addCustomer(testEnv);
    await buyCredit(ada, "top_up_5");
    await spend(ada, 1_200_000);
    const [invoice] = await invoicesOf(ada);
    const explanation = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "");
    expect(explanation.lines).toMatchObject([
      {
        lookupKey: "top_up_5",
        amountCents: 500,
        grants: [
          {
            kind: "top_up",
            grantedMicros: 5_000_000,
            spentMicros: 1_200_000,
            remainingMicros: 3_800_000,
            addsUp: true,
            answers: [
              { model: "m", completionTokens: 1_200_000, chargedMicros: 1_200_000, spentMicros: 1_200_000 },
            ],
          },
        ],
      },
    ]);
  });

  test("the explanation of an invoice shows upgrades, expired credit and the number of further answers", async () => {
    const ada = await addCustomer(testEnv);
    await subscribe(testEnv, ada, "pro_month");
    for (let count = 0; count < 25; count += 1) await spend(ada, 1_000);
    const [invoice] = await invoicesOf(ada);
    const first = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "");
    const [grant] = first.lines[0]?.grants ?? [];
    expect(grant).toMatchObject({ answerCount: 25, answers: { length: 20 } });
    const mark = { grantId: grant?.id ?? "", entryId: grant?.answersBefore ?? 0 };
    const second = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "", mark);
    const rest = second.lines[0]?.grants[0]?.answers ?? [];
    expect(rest).toHaveLength(5);
    const all = [...(grant?.answers ?? []), ...rest];
    expect(new Set(all.map(({ entryId }) => entryId)).size).toBe(25);
    await expireGrants(testEnv.db, new Date(now().getTime() + 40 * dayMs));
    const over = await explainInvoice(testEnv.db, ada.workspaceId, invoice?.id ?? "");
    expect(over.lines[0]?.grants).toMatchObject([
      { spentMicros: 25_000, expiredMicros: 14_975_000, remainingMicros: 0, addsUp: true },
    ]);
  });

  test("the explanation of another workspace's invoice is a 404", async () => {
    const [ada, eve] = [await addCustomer(testEnv), await addCustomer(testEnv)];
    await subscribe(testEnv, ada, "pro_month");
    const [invoice] = await invoicesOf(ada);
    await expect(explainInvoice(testEnv.db, eve.workspaceId, invoice?.id ?? "")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("customer list", () => {
  test("M8: margin is payments minus refunds minus model cost", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    await buyCredit(ada, "top_up_5");
    await spend(ada, 3_000_000);
    const [newest] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: newest?.id ?? "", amount: 100 });
    await syncNow(operator, ada.workspaceId, now());
    expect(await readCustomerSummary(testEnv.db, ada.workspaceId, now())).toMatchObject({
      ...{ customerId: customer, plan: "pro", status: "active" },
      ...{ balanceMicros: 16_000_000, spentMicros: 3_000_000, costMicros: 3_000_000 },
      ...{ paidMicros: 23_000_000, marginMicros: 20_000_000, syncedAt: expect.any(Date) },
    });
    expect(await listAuditEntries("customer.synced", customer)).toHaveLength(1);
  });

  test("customers are found by name, email and Stripe id and paginated without a gap", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [user] = await testEnv.sql`select email from users where id = ${ada.userId}`;
    const byText = async (text: string) =>
      (await listCustomers(testEnv.db, { text }, 500, now())).map(({ workspaceId }) => workspaceId);
    expect(await byText(customer.toUpperCase())).toEqual([ada.workspaceId]);
    expect(await byText(String(user?.email))).toEqual([ada.workspaceId]);
    expect(await byText("lovelace")).toContain(ada.workspaceId);
    expect(await byText("100%")).toEqual([]);
    const all: string[] = [];
    let before: string | undefined;
    do {
      const page = await listCustomers(testEnv.db, { before }, 7, now());
      all.push(...page.map(({ workspaceId }) => workspaceId));
      before = page.length === 7 ? page.at(-1)?.workspaceId : undefined;
    } while (before !== undefined);
    const rows = await testEnv.sql<{ id: string }[]>`select id from workspaces`;
    expect(all.toSorted()).toEqual(rows.map(({ id }) => id).sort());
    const subscribed = await listCustomers(testEnv.db, { payingOnly: true }, 500, now());
    expect(subscribed.length).toBeLessThan(all.length);
    expect(subscribed.every(({ status }) => status === "active")).toBe(true);
  });

  test("the customer page shows all records of its customer and none of others", async () => {
    const [ada, eve] = [await addCustomer(testEnv), await addCustomer(testEnv)];
    await subscribe(testEnv, ada, "pro_month");
    await subscribe(testEnv, eve, "enterprise_month");
    const detail = await readCustomerDetail(testEnv.db, ada.workspaceId, undefined, now());
    expect(detail?.subscriptions).toMatchObject([{ lookupKey: "pro_month", status: "active" }]);
    expect(detail?.grants.map(({ workspaceId }) => workspaceId)).toEqual([ada.workspaceId]);
    expect(new Set(detail?.entries.map(({ workspaceId }) => workspaceId))).toEqual(
      new Set([ada.workspaceId]),
    );
    expect(detail?.invoices).toHaveLength(1);
    expect(detail?.audit.map(({ action }) => action)).toContain("checkout.started");
    expect(await readCustomerDetail(testEnv.db, newId(), undefined, now())).toBeNull();
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

describe("daily revenue", () => {
  test("revenue counts paying, trialing and churned customers and MRR, and stores each day once", async () => {
    const at = now();
    const today = at.toISOString().slice(0, 10);
    const before = await readRevenue(testEnv.db, today, at);
    const [ada, eve, finn] = [
      await addCustomer(testEnv),
      await addCustomer(testEnv),
      await addCustomer(testEnv),
    ];
    await subscribe(testEnv, ada, "pro_month");
    await subscribe(testEnv, eve, "enterprise_year");
    const gone = await subscribe(testEnv, finn, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer: gone })).data;
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    await syncCustomer(gone);
    const after = await readRevenue(testEnv.db, today, now());
    expect(after).toEqual({
      ...before,
      mrrCents: before.mrrCents + 1_900 + 8_250,
      paying: before.paying + 2,
      started: before.started + 3,
      ended: before.ended + 1,
    });
    await writeRevenue(testEnv.db, now());
    await writeRevenue(testEnv.db, now());
    const rows = await testEnv.sql`select day::text as day, paying from revenue_daily order by day desc`;
    expect(rows[0]).toEqual({ day: today, paying: after.paying });
    expect(rows).toHaveLength(2);
    const overview = await readOperatorOverview(testEnv.db, 30, now());
    expect(overview.today).toEqual(after);
    expect(overview.days.at(-1)).toEqual(after);
    expect(overview.month.marginMicros).toBe(overview.month.paidMicros - overview.month.costMicros);
  });
});
