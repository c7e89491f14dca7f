import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/checkout.ts";
import { explainInvoice } from "#lib/billing/reports/explain-invoice.ts";
import { processEvent } from "#lib/billing/inbox.ts";
import { checkNow, fixDrift, giveCredit, replayEvent, syncNow } from "#lib/billing/operator/operator-actions.ts";
import { readCustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { listCustomers, readCustomerLine } from "#lib/billing/operator/customer-list.ts";
import { listDrift } from "#lib/billing/operator/drift-list.ts";
import { listEvents, readEvent } from "#lib/billing/operator/stripe-event-list.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { readRevenue, writeRevenue } from "#lib/billing/reports/revenue.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { expireGrants, takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  eventsOf,
  goodCard,
  grantsOf,
  post,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { interaction, rates, sumsOf } from "#tests/integration/usage/workspace.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterAll(() => world.close());

const operator = { userId: newId(), role: "operator" as const };
const dayMs = 86_400_000;
const trailOf = (action: string, target: string) =>
  world.sql<{ actor: string; data: Record<string, unknown> }[]>`
    select actor_user_id as actor, data from audit_log where action = ${action} and target = ${target}`;

/** Spends credit as an answer does. @returns whether there was enough */
async function spend({ workspaceId }: Customer, micros: number): Promise<boolean> {
  const holdId = randomUUID();
  const at = now();
  const hold = await takeHold(world.db, workspaceId, {
    ...{ holdId, subjectId: holdId, subjectKind: "generation", model: "m", rates, at },
    ...{ amountMicros: micros, minimumMicros: micros, expiresAt: new Date(at.getTime() + dayMs) },
  });
  if (!hold.ok) return false;
  const usage = { promptTokens: 0, cachedTokens: 0, completionTokens: micros };
  await settleHold(world.db, workspaceId, holdId, {
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

describe("everybody but an operator is told that there is nothing", () => {
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
  ])("by %s", async (_name, act) => {
    await expect(act()).rejects.toMatchObject({ code: "not_found" });
  });

  test("no act is missing in the list above", () => {
    const source = readFileSync("lib/billing/operator/operator-actions.ts", "utf8");
    const acts = [...source.matchAll(/^export async function (\w+)/gm)].map((match) => match[1] ?? "");
    const here = readFileSync("tests/integration/billing/operator.test.ts", "utf8");
    expect(acts.filter((act) => !here.includes(`["${act}", () => ${act}(stranger`))).toEqual([]);
    expect(acts.length).toBeGreaterThan(4);
  });

  const files = readdirSync("app/(operator)", { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => /(^|\/)(page|layout|route)\.tsx?$/.test(file));

  test.each(pages)("%s asks who is there before anything else", (file) => {
    const source = readFileSync(`app/(operator)/${file}`, "utf8");
    const body = /export default async function \w+\([^)]*\)[^{]*\{\n\s*(.*)/.exec(source)?.[1];
    expect(body).toBe("await requireOperator();");
  });

  test("every action of the console is made by operatorAction, and none stands elsewhere", () => {
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
  test("an event that is replayed twice is done once more, and what it gave is given once", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const event = (await eventsOf(world, customer)).find(({ type }) => type === "invoice.paid");
    const eventId = event?.id ?? "";
    await post(world, event);
    await processEvent(eventId);
    await world.sql`update pgboss.job set state = 'completed' where data->>'eventId' = ${eventId}`;
    expect(await readEvent(world.db, eventId)).toMatchObject({ state: "done", attempts: 1 });
    const answers = await Promise.all([1, 2, 3].map(() => replayEvent(operator, eventId, now())));
    expect(answers.filter(({ queued }) => queued)).toHaveLength(1);
    const waiting = await world.sql`
      select 1 from pgboss.job where state = 'created' and name = 'stripe.event' and data->>'eventId' = ${eventId}`;
    expect(waiting).toHaveLength(1);
    expect(await readEvent(world.db, eventId)).toMatchObject({ state: "received", attempts: 0 });
    await processEvent(eventId);
    await processEvent(eventId);
    expect(await readEvent(world.db, eventId)).toMatchObject({ state: "done", attempts: 1 });
    expect(await grantsOf(world, ada)).toHaveLength(1);
    expect([...(await trailOf("stripe_event.replayed", eventId))]).toEqual([
      { actor: operator.userId, data: { type: "invoice.paid", was: "done" } },
    ]);
    await expect(replayEvent(operator, "evt_unknown", now())).rejects.toMatchObject({ code: "not_found" });
  });

  test("is filtered by state, type, customer and id, and read page by page without a gap", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const events = await eventsOf(world, customer);
    for (const event of events) await post(world, event);
    await world.sql`update stripe_events set state = 'failed', last_error = 'no' where id = ${events[0]?.id ?? ""}`;
    const ids: string[] = [];
    let before: { at: Date; id: string } | undefined;
    do {
      const page = await listEvents(world.db, { customerId: customer, before }, 3);
      ids.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      before = page.length === 3 && last ? { at: last.receivedAt, id: last.id } : undefined;
    } while (before !== undefined);
    expect(ids.toSorted()).toEqual(events.map(({ id }) => id).sort());
    const failed = await listEvents(world.db, { customerId: customer, state: "failed" }, 9);
    expect(failed.map(({ id }) => id)).toEqual([events[0]?.id]);
    const paid = await listEvents(world.db, { customerId: customer, type: "invoice." }, 50);
    expect(paid.length).toBe(events.filter(({ type }) => type.startsWith("invoice.")).length);
    expect(await listEvents(world.db, { id: events[0]?.id }, 9)).toHaveLength(1);
    // A percent sign means itself.
    expect(await listEvents(world.db, { id: "evt_%" }, 9)).toEqual([]);
  });
});

describe("credit by hand (M1)", () => {
  test("is given once a form, however often it is sent, with its reason in the audit trail", async () => {
    const ada = await addCustomer(world);
    const gift = {
      workspaceId: ada.workspaceId,
      amountMicros: 2_500_000,
      expiresAt: new Date(now().getTime() + 30 * dayMs),
      reason: "An outage on our side",
      nonce: newId(),
    };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => giveCredit(operator, gift, now())));
    expect(answers.filter(({ given }) => given)).toHaveLength(1);
    expect(await grantsOf(world, ada)).toMatchObject([
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
    expect([...(await trailOf("credit.given", `manual:${gift.nonce}`))]).toEqual([
      { actor: operator.userId, data },
    ]);
    expect(await giveCredit(operator, { ...gift, nonce: newId() }, now())).toEqual({ given: true });
    expect(await sumsOf(world, ada.workspaceId)).toMatchObject({ balance: 5_000_000, entries: 5_000_000 });
  });

  test("is refused for a day that is over, and for a workspace that is not there", async () => {
    const ada = await addCustomer(world);
    const gift = {
      ...{ workspaceId: ada.workspaceId, amountMicros: 1, expiresAt: now(), reason: "no", nonce: newId() },
    };
    await expect(giveCredit(operator, gift, now())).rejects.toMatchObject({ code: "invalid_input" });
    const nowhere = { ...gift, workspaceId: newId(), expiresAt: new Date("2099-01-01") };
    await expect(giveCredit(operator, nowhere, now())).rejects.toMatchObject({ code: "not_found" });
    expect(await grantsOf(world, ada)).toEqual([]);
  });
});

describe("an invoice explained", () => {
  const invoicesOf = ({ workspaceId }: Customer) =>
    world.sql<
      { id: string }[]
    >`select id from invoices where workspace_id = ${workspaceId} order by created_at, id`;

  /** What the ledger says of a workspace's grants that came from Stripe, by kind of entry. */
  const ledgerOf = async ({ workspaceId }: Customer) => {
    const [row] = await world.sql`
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
    const told = await Promise.all(
      invoices.map(({ id }) => explainInvoice(world.db, customer.workspaceId, id)),
    );
    const grants = told.flatMap(({ lines }) => lines.flatMap((line) => line.grants));
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

  test("adds up to the ledger's own sums, whatever was spent, refunded and bought", async () => {
    const deed = fc.oneof(
      { weight: 5, arbitrary: fc.record({ spend: fc.integer({ min: 1, max: 4_000_000 }) }) },
      { weight: 1, arbitrary: fc.record({ refund: fc.integer({ min: 1, max: 400 }) }) },
      { weight: 1, arbitrary: fc.record({ buy: fc.constantFrom("top_up_5", "top_up_20") }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 12 }), async (deeds) => {
        const ada = await addCustomer(world);
        const customer = await subscribe(world, ada, "pro_month");
        const [charge] = (await world.stripe.charges.list({ customer })).data;
        for (const each of deeds) {
          if ("spend" in each) await spend(ada, each.spend);
          if ("buy" in each) await buyCredit(ada, each.buy);
          if ("refund" in each) {
            // The whole may have gone back by then, and Stripe gives no more.
            await world.stripe.refunds
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
          const told = grant.answers.reduce((total, { spentMicros }) => total + spentMicros, 0);
          expect(told).toBe(grant.spentMicros);
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("leads from a top-up's invoice to its credit, and from there to the answers with model and tokens", async () => {
    const ada = await addCustomer(world);
    await buyCredit(ada, "top_up_5");
    await spend(ada, 1_200_000);
    const [invoice] = await invoicesOf(ada);
    const told = await explainInvoice(world.db, ada.workspaceId, invoice?.id ?? "");
    expect(told.lines).toMatchObject([
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

  test("tells of an upgrade and of what expired, and goes on where there are many answers", async () => {
    const ada = await addCustomer(world);
    await subscribe(world, ada, "pro_month");
    for (let count = 0; count < 25; count += 1) await spend(ada, 1_000);
    const [invoice] = await invoicesOf(ada);
    const first = await explainInvoice(world.db, ada.workspaceId, invoice?.id ?? "");
    const [grant] = first.lines[0]?.grants ?? [];
    expect(grant).toMatchObject({ answerCount: 25, answers: { length: 20 } });
    const mark = { grantId: grant?.id ?? "", entryId: grant?.answersBefore ?? 0 };
    const second = await explainInvoice(world.db, ada.workspaceId, invoice?.id ?? "", mark);
    const rest = second.lines[0]?.grants[0]?.answers ?? [];
    expect(rest).toHaveLength(5);
    const all = [...(grant?.answers ?? []), ...rest];
    expect(new Set(all.map(({ entryId }) => entryId)).size).toBe(25);
    await expireGrants(world.db, new Date(now().getTime() + 40 * dayMs));
    const over = await explainInvoice(world.db, ada.workspaceId, invoice?.id ?? "");
    expect(over.lines[0]?.grants).toMatchObject([
      { spentMicros: 25_000, expiredMicros: 14_975_000, remainingMicros: 0, addsUp: true },
    ]);
  });

  test("is told of its own workspace's invoice alone", async () => {
    const [ada, eve] = [await addCustomer(world), await addCustomer(world)];
    await subscribe(world, ada, "pro_month");
    const [invoice] = await invoicesOf(ada);
    await expect(explainInvoice(world.db, eve.workspaceId, invoice?.id ?? "")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("customers", () => {
  test("margin is what was paid, less what went back, less what the models cost (M8)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await buyCredit(ada, "top_up_5");
    await spend(ada, 3_000_000);
    const [newest] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: newest?.id ?? "", amount: 100 });
    await syncNow(operator, ada.workspaceId, now());
    expect(await readCustomerLine(world.db, ada.workspaceId, now())).toMatchObject({
      ...{ customerId: customer, plan: "pro", status: "active" },
      ...{ balanceMicros: 16_000_000, spentMicros: 3_000_000, costMicros: 3_000_000 },
      ...{ paidMicros: 23_000_000, marginMicros: 20_000_000, syncedAt: expect.any(Date) },
    });
    expect(await trailOf("customer.synced", customer)).toHaveLength(1);
  });

  test("are found by name, address and Stripe's id, and read page by page without a gap", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [person] = await world.sql`select email from users where id = ${ada.userId}`;
    const byText = async (text: string) =>
      (await listCustomers(world.db, { text }, 500, now())).map(({ workspaceId }) => workspaceId);
    expect(await byText(customer.toUpperCase())).toEqual([ada.workspaceId]);
    expect(await byText(String(person?.email))).toEqual([ada.workspaceId]);
    expect(await byText("lovelace")).toContain(ada.workspaceId);
    expect(await byText("100%")).toEqual([]);
    const all: string[] = [];
    let before: string | undefined;
    do {
      const page = await listCustomers(world.db, { before }, 7, now());
      all.push(...page.map(({ workspaceId }) => workspaceId));
      before = page.length === 7 ? page.at(-1)?.workspaceId : undefined;
    } while (before !== undefined);
    const rows = await world.sql<{ id: string }[]>`select id from workspaces`;
    expect(all.toSorted()).toEqual(rows.map(({ id }) => id).sort());
    const subscribed = await listCustomers(world.db, { payingOnly: true }, 500, now());
    expect(subscribed.length).toBeLessThan(all.length);
    expect(subscribed.every(({ status }) => status === "active")).toBe(true);
  });

  test("one customer's page has everything of theirs and nothing of anybody else", async () => {
    const [ada, eve] = [await addCustomer(world), await addCustomer(world)];
    await subscribe(world, ada, "pro_month");
    await subscribe(world, eve, "enterprise_month");
    const detail = await readCustomerDetail(world.db, ada.workspaceId, undefined, now());
    expect(detail?.subscriptions).toMatchObject([{ lookupKey: "pro_month", status: "active" }]);
    expect(detail?.grants.map(({ workspaceId }) => workspaceId)).toEqual([ada.workspaceId]);
    expect(new Set(detail?.entries.map(({ workspaceId }) => workspaceId))).toEqual(
      new Set([ada.workspaceId]),
    );
    expect(detail?.invoices).toHaveLength(1);
    expect(detail?.audit.map(({ action }) => action)).toContain("checkout.started");
    expect(await readCustomerDetail(world.db, newId(), undefined, now())).toBeNull();
  });
});

describe("drift, for an operator", () => {
  test("a check is a job that changes nothing, a fix is done at once and in their name", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await checkNow(operator, customer, now());
    await checkNow(operator, null, now());
    const jobs = await world.sql`
      select name, data->>'mode' as mode from pgboss.job where state = 'created'
        and (data->>'customerId' = ${customer} and name = 'billing.reconcile' or name = 'billing.sweep') order by name`;
    expect([...jobs]).toEqual([
      { name: "billing.reconcile", mode: "note" },
      { name: "billing.sweep", mode: "note" },
    ]);
    await world.sql`update subscriptions set status = 'unpaid' where workspace_id = ${ada.workspaceId}`;
    expect(await fixDrift(operator, customer)).toMatchObject({ found: { length: 1 }, left: [] });
    const closed = await listDrift(world.db, { state: "closed", customerId: customer }, 9);
    expect(closed).toMatchObject([{ workspaceId: ada.workspaceId, name: "Ada Lovelace" }]);
    expect(await listDrift(world.db, { state: "open", customerId: customer }, 9)).toEqual([]);
    expect([...(await trailOf("drift.fixed", customer))]).toMatchObject([{ actor: operator.userId }]);
    expect(await trailOf("drift.checked", customer)).toHaveLength(1);
  });
});

describe("the business by day", () => {
  test("counts who pays, tries and left, a year's price as a twelfth a month, and writes each day once", async () => {
    const at = now();
    const today = at.toISOString().slice(0, 10);
    const before = await readRevenue(world.db, today, at);
    const [ada, eve, finn] = [await addCustomer(world), await addCustomer(world), await addCustomer(world)];
    await subscribe(world, ada, "pro_month");
    await subscribe(world, eve, "enterprise_year");
    const gone = await subscribe(world, finn, "pro_month");
    const [subscription] = (await world.stripe.subscriptions.list({ customer: gone })).data;
    await world.stripe.subscriptions.cancel(subscription?.id ?? "");
    await syncCustomer(gone);
    const after = await readRevenue(world.db, today, now());
    expect(after).toEqual({
      ...before,
      mrrCents: before.mrrCents + 1_900 + 8_250,
      paying: before.paying + 2,
      started: before.started + 3,
      ended: before.ended + 1,
    });
    await writeRevenue(world.db, now());
    await writeRevenue(world.db, now());
    const rows = await world.sql`select day::text as day, paying from revenue_daily order by day desc`;
    expect(rows[0]).toEqual({ day: today, paying: after.paying });
    expect(rows).toHaveLength(2);
    const overview = await readOperatorOverview(world.db, 30, now());
    expect(overview.today).toEqual(after);
    expect(overview.days.at(-1)).toEqual(after);
    expect(overview.month.marginMicros).toBe(overview.month.paidMicros - overview.month.costMicros);
  });
});
