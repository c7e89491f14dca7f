import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { POST as createSubscriptionRoute } from "#app/api/stripe/create-subscription/route.ts";
import { GET as getSubscriptionRoute } from "#app/api/subscriptions/[id]/route.ts";
import { createSession } from "#lib/accounts/sessions.ts";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/actions/cancel.ts";
import { startCheckout } from "#lib/billing/actions/checkout.ts";
import { openPortal } from "#lib/billing/actions/portal.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscriptionView } from "#lib/billing/entitlements/subscription-view.ts";
import { readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { checked } from "#tests/contract.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readGrants,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { spendCredit } from "#tests/integration/billing/spend-credit.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

const createSubscription = checked(createSubscriptionRoute);
const getSubscription = checked(getSubscriptionRoute);

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterAll(() => testEnv.close());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const iso = (date: Date) => date.toISOString();
const later = (date: Date | undefined, ms: number) => iso(new Date((date?.getTime() ?? Number.NaN) + ms));
const entitled = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now());
const overview = (customer: Customer) =>
  readBillingOverview(testEnv.db, { workspaceId: customer.workspaceId, workspaceCreatedAt: now() }, now());

describe("monthly allowances (M10)", () => {
  test("known failure mode: month end: each paid month grants its allowance once, and months starting on the 31st clamp without a gap", async () => {
    await testEnv.travel("2027-01-31T10:00:00Z");
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    for (const day of ["2027-02-28T12:00:00Z", "2027-03-31T12:00:00Z", "2027-04-30T12:00:00Z"]) {
      await testEnv.travel(day);
      await syncCustomer(customer);
      await syncCustomer(customer);
    }
    const grants = await readGrants(testEnv, ada);
    expect(grants.map(({ startsAt }) => iso(startsAt).slice(0, 10))).toEqual([
      "2027-01-31",
      "2027-02-28",
      "2027-03-31",
      "2027-04-30",
    ]);
    for (const [index, grant] of grants.entries()) {
      expect(grant.amountMicros).toBe(15_000_000);
      if (index > 0) expect(grant.startsAt).toEqual(grants[index - 1]?.expiresAt);
    }
  });

  test("M10: a yearly plan grants its allowance at each month's start and schedules a sync for the next month", async () => {
    await testEnv.travel("2027-03-31T10:00:00Z");
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "enterprise_year");
    const [planned] = await testEnv.sql`
      select to_char(start_after at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startAfter" from pgboss.job where name = 'billing.sync' and data->>'customerId' = ${customer}`;
    const nextMonthAt = new Date(planned?.startAfter);
    expect(iso(nextMonthAt).slice(0, 10)).toBe("2027-04-30");
    expect(await readGrants(testEnv, ada)).toHaveLength(1);
    await testEnv.travel(later(nextMonthAt, 1));
    await syncCustomer(customer);
    expect(await readGrants(testEnv, ada)).toMatchObject([
      { amountMicros: 100_000_000, expiresAt: nextMonthAt },
      { amountMicros: 100_000_000, startsAt: nextMonthAt },
    ]);
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    await testEnv.travel("2027-06-15T00:00:00Z");
    await syncCustomer(customer);
    expect(await readGrants(testEnv, ada)).toHaveLength(2);
  });
});

describe("cancellation (M14)", () => {
  test("M14: a plan canceled at period end keeps its entitlements until then and collects nothing more", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const before = await overview(ada);
    expect(before).toMatchObject({ nextPayment: { micros: 19_000_000 }, subscription: { endsAt: null } });
    await cancelAtPeriodEnd(ada, now());
    const canceled = await overview(ada);
    expect(canceled.nextPayment).toBeNull();
    expect(canceled.subscription?.endsAt).toEqual(before.nextPayment?.at);
    expect((await entitled(ada)).plan).toBe("pro");
    await testEnv.travel(later(before.nextPayment?.at, -1_000));
    expect((await entitled(ada)).plan).toBe("pro");
    // The date alone ends the plan, without an event.
    await testEnv.travel(later(before.nextPayment?.at, 1_000));
    expect((await entitled(ada)).plan).toBe("free");
    // The overview shows the end before the next sync.
    expect(await overview(ada)).toMatchObject({ subscription: null, nextPayment: null });
    await syncCustomer(customer);
    expect(await overview(ada)).toMatchObject({ subscription: null, nextPayment: null });
    expect((await overview(ada)).invoices).toHaveLength(1);
  });

  test("concurrent cancellations and resumptions each take effect once, repeatedly", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const five = (act: () => Promise<void>) => Promise.all(Array.from({ length: 5 }, act));
    for (let round = 0; round < 2; round++) {
      await five(() => cancelAtPeriodEnd(ada, now()));
      expect((await overview(ada)).subscription?.endsAt).not.toBeNull();
      await five(() => resumeSubscription(ada, now()));
      expect((await overview(ada)).subscription?.endsAt).toBeNull();
    }
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    expect(subscription).toMatchObject({ status: "active", cancel_at: null, cancel_at_period_end: false });
    const trail = await testEnv.sql`
      select action from audit_log where workspace_id = ${ada.workspaceId} and action like 'subscription.%' order by at, id`;
    expect(trail.map(({ action }) => action)).toEqual([
      "subscription.cancel_announced",
      "subscription.cancel_taken_back",
      "subscription.cancel_announced",
      "subscription.cancel_taken_back",
    ]);
  });

  test("known failure mode: portal cancellation not seen: a cancellation by date in Stripe's portal is synced and can be undone here", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    const { url } = await openPortal(ada);
    const body = new URLSearchParams({ action: "cancel", subscription: subscription?.id ?? "" });
    await fetch(url, { method: "POST", redirect: "manual", body });
    await syncCustomer(customer);
    const state = await readSubscriptionState(testEnv, ada);
    expect(state).toMatchObject({ cancelAtPeriodEnd: false, cancelAtMs: state?.periodEndMs });
    expect((await entitled(ada)).endsAt).toEqual((await overview(ada)).subscription?.periodEndsAt);
    await resumeSubscription(ada, now());
    expect((await overview(ada)).subscription?.endsAt).toBeNull();
  });

  test("canceling and the portal are rejected for a member and without a subscription", async () => {
    const ada = await addCustomer(testEnv);
    const member = { ...ada, memberRole: "member" as const };
    await expect(cancelAtPeriodEnd(member, now())).rejects.toMatchObject({ code: "forbidden" });
    await expect(openPortal(member)).rejects.toMatchObject({ code: "forbidden" });
    await expect(cancelAtPeriodEnd(ada, now())).rejects.toMatchObject({ code: "not_found" });
    await expect(openPortal(ada)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("renewals", () => {
  test("a renewal grants credit in the hour before Stripe collects it, and that hour's usage counts for the month (M10, M13)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const renewsAt = (await overview(ada)).nextPayment?.at;
    await testEnv.travel(later(renewsAt, 60_000));
    for (let again = 0; again < 2; again++) await syncCustomer(customer);
    const [draft] = (await testEnv.stripe.invoices.list({ customer, limit: 1 })).data;
    expect(draft).toMatchObject({ status: "draft", billing_reason: "subscription_cycle" });
    expect(await overview(ada)).toMatchObject({
      entitlements: { plan: "pro", source: "subscription" },
      problem: null,
      credit: { renewsAt: null, availableMicros: 1_500_000, remainingMicros: 1_500_000 },
    });
    await spendCredit(testEnv, ada, 300_000);
    await testEnv.travel(later(renewsAt, 2 * hourMs));
    await syncCustomer(customer);
    expect((await overview(ada)).credit).toMatchObject({
      amountMicros: 15_000_000,
      remainingMicros: 14_700_000,
      availableMicros: 14_700_000,
    });
  });
});

describe("failed renewals", () => {
  test("known failure mode: access cut at the first decline: a failed renewal keeps the plan for three days and a later payment restores it (M13)", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const renewsAt = (await overview(ada)).nextPayment?.at;
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    await testEnv.travel(later(renewsAt, 2 * hourMs));
    await syncCustomer(customer);
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "grace" });
    const failed = await overview(ada);
    expect(failed.problem).toMatchObject({ micros: 19_000_000, payUrl: expect.stringContaining("http") });
    expect(failed.problem?.accessUntil).toEqual((await entitled(ada)).endsAt);
    expect((await readGrants(testEnv, ada)).map(({ kind }) => kind)).toEqual(["allowance", "grace"]);
    await testEnv.travel(later(failed.problem?.accessUntil ?? undefined, 0));
    expect((await entitled(ada)).plan).toBe("free");
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    const [open] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    await testEnv.stripe.invoices.pay(open?.id ?? "");
    await syncCustomer(customer);
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "subscription" });
    expect(await overview(ada)).toMatchObject({ problem: null });
    expect((await readGrants(testEnv, ada)).filter(({ kind }) => kind === "allowance")).toHaveLength(2);
  });

  test("repeated syncs send one email per failed payment attempt and one welcome email", async () => {
    const ada = await addCustomer(testEnv);
    const customer = await subscribe(testEnv, ada, "pro_month");
    const renewsAt = (await overview(ada)).nextPayment?.at;
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
    for (const ms of [2 * hourMs, 3 * hourMs, dayMs + 2 * hourMs]) {
      await testEnv.travel(later(renewsAt, ms));
      await syncCustomer(customer);
    }
    const emails = await testEnv.sql<{ key: string; subject: string }[]>`
      select unique_key as key, subject from outgoing_mail order by created_at, id`;
    const [invoice] = (await testEnv.stripe.invoices.list({ customer, status: "open" })).data;
    expect(emails.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^welcome:sub_/),
      `payment-failed:${invoice?.id}:1`,
      `payment-failed:${invoice?.id}:2`,
    ]);
  });
});

test("a plan that has ended sends one email, which says what is kept", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "pro_month");
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
  await syncCustomer(customer);
  await syncCustomer(customer);
  const emails = await testEnv.sql<{ subject: string; text: string }[]>`
    select subject, text from outgoing_mail where unique_key = ${`ended:${subscription?.id}`}`;
  expect(emails).toHaveLength(1);
  expect(emails[0]?.text).toContain("Your workspace is now on Free");
});

async function sessionHeaders({ userId }: Customer): Promise<Record<string, string>> {
  const { sessionId } = await createSession(testEnv.db, { userId, userAgent: null }, now());
  const salt = sessionCookieName();
  const secret = env().AUTH_SECRET;
  const cookie = await encode({ token: { userId, sessionId }, secret, salt, maxAge: 600 });
  return { cookie: `${salt}=${cookie}`, origin: "http://localhost:3000" };
}

describe("the API", () => {
  test("the API returns a subscription to its owner and a 404 to other workspaces", async () => {
    const [ada, eve] = [await addCustomer(testEnv), await addCustomer(testEnv)];
    await subscribe(testEnv, ada, "pro_year");
    const id = (await readSubscriptionState(testEnv, ada))?.id ?? "";
    expect(await readSubscriptionView(testEnv.db, ada.workspaceId, id)).toMatchObject({
      id,
      status: "active",
      plan: "pro",
      interval: "year",
      cancelAtPeriodEnd: false,
    });
    for (const wanted of [id, "sub_nothing"])
      await expect(readSubscriptionView(testEnv.db, eve.workspaceId, wanted)).rejects.toMatchObject({
        code: "not_found",
      });
    const read = async (customer: Customer) => {
      const headers = await sessionHeaders(customer);
      const request = new Request(`http://localhost:3000/api/subscriptions/${id}`, { headers });
      return getSubscription(request, { params: Promise.resolve({ id }) });
    };
    expect(await (await read(ada)).json()).toMatchObject({ id, trialEndsAt: null });
    expect((await read(eve)).status).toBe(404);
  });

  test("the API starts Checkout, once per subscription", async () => {
    const ada = await addCustomer(testEnv);
    const start = async () => {
      const headers = { ...(await sessionHeaders(ada)), "content-type": "application/json" };
      const body = JSON.stringify({ lookupKey: "pro_month" });
      const url = "http://localhost:3000/api/stripe/create-subscription";
      return createSubscription(new Request(url, { method: "POST", headers, body }));
    };
    expect(await (await start()).json()).toEqual({ url: expect.stringContaining("/c/pay/") });
    await subscribe(testEnv, ada, "pro_month");
    expect((await start()).status).toBe(409);
  });

  test("the API requires a session and rejects requests of another site", async () => {
    const url = "http://localhost:3000/api/stripe/create-subscription";
    const body = JSON.stringify({ lookupKey: "pro_month" });
    const headers = { "content-type": "application/json", origin: "http://localhost:3000" };
    expect((await createSubscription(new Request(url, { method: "POST", headers, body }))).status).toBe(401);
    const foreign = { ...headers, origin: "https://evil.example" };
    expect(
      (await createSubscription(new Request(url, { method: "POST", headers: foreign, body }))).status,
    ).toBe(403);
    const params = { params: Promise.resolve({ id: "sub_1" }) };
    expect(
      (await getSubscription(new Request("http://localhost:3000/api/subscriptions/sub_1"), params)).status,
    ).toBe(401);
  });

  test("paying on the hosted page redirects to our success page", async () => {
    const ada = await addCustomer(testEnv);
    const { url } = await startCheckout(ada, "pro_month", now());
    const answer = await submitCard(url, "4242424242424242");
    expect(answer.headers.get("location")).toMatch(
      /^http:\/\/localhost:3000\/billing\/success\?session_id=cs_test_\w+$/,
    );
  });
});
