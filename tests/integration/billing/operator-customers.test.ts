import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { readCustomerDetail } from "#lib/billing/operator/customer-detail.ts";
import { listCustomers, readCustomerSummary } from "#lib/billing/operator/customer-list.ts";
import { syncNow } from "#lib/billing/operator/operator-actions.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { readRevenue, writeRevenue } from "#lib/billing/reports/revenue.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { settleHold } from "#lib/usage/settle-hold.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { interaction, rates } from "#tests/integration/usage/workspace.ts";

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
    // Customers on Free that fill three pages.
    await Promise.all(Array.from({ length: 15 }, () => addCustomer(testEnv)));
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
    await subscribeThroughCheckout(testEnv, ada, "pro_month");
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
