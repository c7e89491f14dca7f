import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { POST as createSubscription } from "#app/api/stripe/create-subscription/route.ts";
import { GET as getSubscription } from "#app/api/subscriptions/[id]/route.ts";
import { readBilling } from "#lib/billing/reports/billing-overview.ts";
import { cancelAtPeriodEnd, resumeSubscription } from "#lib/billing/cancel.ts";
import { startCheckout } from "#lib/billing/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { openPortal } from "#lib/billing/actions/portal.ts";
import { readSubscriptionView } from "#lib/billing/subscription-view.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { syncCatalogue } from "#lib/billing/sync-catalogue.ts";
import { addMonths, now } from "#lib/core/clock.ts";
import { createPrice } from "#lib/gateways/stripe/stripe.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  grantsOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { spend } from "#tests/integration/billing/spend.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeEach(async () => {
  world = await createBillingWorld();
});
afterEach(() => world.close());

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const iso = (date: Date) => date.toISOString();
const later = (date: Date | undefined, ms: number) => iso(new Date((date?.getTime() ?? Number.NaN) + ms));
const entitled = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now());
const overview = (customer: Customer) =>
  readBilling(world.db, { workspaceId: customer.workspaceId, workspaceCreatedAt: now() }, now());

describe("months (M10)", () => {
  test("wound: month end: each paid month grants its allowance once, and months that begin on the 31st clamp without a gap", async () => {
    await world.travel("2027-01-31T10:00:00Z");
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    for (const day of ["2027-02-28T12:00:00Z", "2027-03-31T12:00:00Z", "2027-04-30T12:00:00Z"]) {
      await world.travel(day);
      await syncCustomer(customer);
      await syncCustomer(customer);
    }
    const grants = await grantsOf(world, ada);
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

  test("a yearly plan is granted month by month at each start, from one invoice, and a sync is planned for the next", async () => {
    await world.travel("2027-03-31T10:00:00Z");
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "enterprise_year");
    const [planned] = await world.sql`
      select to_char(start_after at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startAfter" from pgboss.job where name = 'billing.sync' and data->>'customerId' = ${customer}`;
    const nextMonthAt = new Date(planned?.startAfter);
    expect(iso(nextMonthAt).slice(0, 10)).toBe("2027-04-30");
    expect(await grantsOf(world, ada)).toHaveLength(1);
    await world.travel(later(nextMonthAt, 1));
    await syncCustomer(customer);
    expect(await grantsOf(world, ada)).toMatchObject([
      { amountMicros: 100_000_000, expiresAt: nextMonthAt },
      { amountMicros: 100_000_000, startsAt: nextMonthAt },
    ]);
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    await world.stripe.subscriptions.cancel(subscription?.id ?? "");
    await world.travel("2027-06-15T00:00:00Z");
    await syncCustomer(customer);
    expect(await grantsOf(world, ada)).toHaveLength(2);
  });
});

describe("ending and going on (M14)", () => {
  test("canceled at period end: everything until then, Free after it, and nothing more is collected", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const before = await overview(ada);
    expect(before).toMatchObject({ nextPayment: { micros: 19_000_000 }, subscription: { endsAt: null } });
    await cancelAtPeriodEnd(ada, now());
    const canceled = await overview(ada);
    expect(canceled.nextPayment).toBeNull();
    expect(canceled.subscription?.endsAt).toEqual(before.nextPayment?.at);
    expect((await entitled(ada)).plan).toBe("pro");
    await world.travel(later(before.nextPayment?.at, -1_000));
    expect((await entitled(ada)).plan).toBe("pro");
    // Nobody tells us that it ended: the date is enough.
    await world.travel(later(before.nextPayment?.at, 1_000));
    expect((await entitled(ada)).plan).toBe("free");
    // Also before Stripe has told of it.
    expect(await overview(ada)).toMatchObject({ subscription: null, nextPayment: null });
    await syncCustomer(customer);
    expect(await overview(ada)).toMatchObject({ subscription: null, nextPayment: null });
    expect((await overview(ada)).invoices).toHaveLength(1);
  });

  test("canceling and resuming, each asked for five times at once, each happens once, also again and again", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const five = (act: () => Promise<void>) => Promise.all(Array.from({ length: 5 }, act));
    for (let round = 0; round < 2; round++) {
      await five(() => cancelAtPeriodEnd(ada, now()));
      expect((await overview(ada)).subscription?.endsAt).not.toBeNull();
      await five(() => resumeSubscription(ada, now()));
      expect((await overview(ada)).subscription?.endsAt).toBeNull();
    }
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    expect(subscription).toMatchObject({ status: "active", cancel_at: null, cancel_at_period_end: false });
    const trail = await world.sql`
      select action from audit_log where workspace_id = ${ada.workspaceId} and action like 'subscription.%' order by at, id`;
    expect(trail.map(({ action }) => action)).toEqual([
      "subscription.cancel_announced",
      "subscription.cancel_taken_back",
      "subscription.cancel_announced",
      "subscription.cancel_taken_back",
    ]);
  });

  test("wound: portal cancellation not seen: a cancellation in Stripe's portal, which sets a date, is seen and can be taken back here", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    const { url } = await openPortal(ada);
    const body = new URLSearchParams({ action: "cancel", subscription: subscription?.id ?? "" });
    await fetch(url, { method: "POST", redirect: "manual", body });
    await syncCustomer(customer);
    const state = await subscriptionStateOf(world, ada);
    expect(state).toMatchObject({ cancelAtPeriodEnd: false, cancelAtMs: state?.periodEndMs });
    expect((await entitled(ada)).endsAt).toEqual((await overview(ada)).subscription?.periodEndsAt);
    await resumeSubscription(ada, now());
    expect((await overview(ada)).subscription?.endsAt).toBeNull();
  });

  test("a member may neither cancel nor open the portal, and without a subscription there is nothing to cancel", async () => {
    const ada = await addCustomer(world);
    const member = { ...ada, memberRole: "member" as const };
    await expect(cancelAtPeriodEnd(member, now())).rejects.toMatchObject({ code: "forbidden" });
    await expect(openPortal(member)).rejects.toMatchObject({ code: "forbidden" });
    await expect(cancelAtPeriodEnd(ada, now())).rejects.toMatchObject({ code: "not_found" });
    await expect(openPortal(ada)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a renewal", () => {
  test("leaves nobody without credit in the hour before Stripe collects it, and that hour's use is of the month (M10, M13)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const renewsAt = (await overview(ada)).nextPayment?.at;
    await world.travel(later(renewsAt, 60_000));
    for (let again = 0; again < 2; again++) await syncCustomer(customer);
    const [draft] = (await world.stripe.invoices.list({ customer, limit: 1 })).data;
    expect(draft).toMatchObject({ status: "draft", billing_reason: "subscription_cycle" });
    expect(await overview(ada)).toMatchObject({
      entitlements: { plan: "pro", source: "subscription" },
      problem: null,
      credit: { renewsAt: null, availableMicros: 1_500_000, remainingMicros: 1_500_000 },
    });
    await spend(world, ada, 300_000);
    await world.travel(later(renewsAt, 2 * hourMs));
    await syncCustomer(customer);
    expect((await overview(ada)).credit).toMatchObject({
      amountMicros: 15_000_000,
      remainingMicros: 14_700_000,
      availableMicros: 14_700_000,
    });
  });
});

describe("a renewal that fails", () => {
  test("wound: access cut at the first decline: keeps the plan for three days, says how to pay, and gives it back when the invoice is paid (M13)", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const renewsAt = (await overview(ada)).nextPayment?.at;
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    await world.travel(later(renewsAt, 2 * hourMs));
    await syncCustomer(customer);
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "grace" });
    const failed = await overview(ada);
    expect(failed.problem).toMatchObject({ micros: 19_000_000, payUrl: expect.stringContaining("http") });
    expect(failed.problem?.accessUntil).toEqual((await entitled(ada)).endsAt);
    expect((await grantsOf(world, ada)).map(({ kind }) => kind)).toEqual(["allowance", "grace"]);
    await world.travel(later(failed.problem?.accessUntil ?? undefined, 0));
    expect((await entitled(ada)).plan).toBe("free");
    await changeCard(world.stripe, customer, "pm_card_visa");
    const [open] = (await world.stripe.invoices.list({ customer, status: "open" })).data;
    await world.stripe.invoices.pay(open?.id ?? "");
    await syncCustomer(customer);
    expect(await entitled(ada)).toMatchObject({ plan: "pro", source: "subscription" });
    expect(await overview(ada)).toMatchObject({ problem: null });
    expect((await grantsOf(world, ada)).filter(({ kind }) => kind === "allowance")).toHaveLength(2);
  });

  test("is told by one letter an attempt, and a plan is welcomed once, however often it is synced", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const renewsAt = (await overview(ada)).nextPayment?.at;
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
    for (const ms of [2 * hourMs, 3 * hourMs, dayMs + 2 * hourMs]) {
      await world.travel(later(renewsAt, ms));
      await syncCustomer(customer);
    }
    const letters = await world.sql<{ key: string; subject: string }[]>`
      select unique_key as key, subject from outgoing_mail order by created_at, id`;
    const [invoice] = (await world.stripe.invoices.list({ customer, status: "open" })).data;
    expect(letters.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^welcome:sub_/),
      `payment-failed:${invoice?.id}:1`,
      `payment-failed:${invoice?.id}:2`,
    ]);
  });
});

test("a plan that has ended is told by one letter, which says what stays", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "pro_month");
  const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
  await world.stripe.subscriptions.cancel(subscription?.id ?? "");
  await syncCustomer(customer);
  await syncCustomer(customer);
  const letters = await world.sql<{ subject: string; text: string }[]>`
    select subject, text from outgoing_mail where unique_key = ${`ended:${subscription?.id}`}`;
  expect(letters).toHaveLength(1);
  expect(letters[0]?.text).toContain("Your workspace is on Free from now on");
});

describe("the catalogue", () => {
  test("is brought to Stripe once; running it again, or dry, changes nothing", async () => {
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    expect(await syncCatalogue({ dryRun: false, report })).toBe(0);
    await world.control("reset", {});
    expect(await syncCatalogue({ dryRun: true, report })).toBe(14);
    expect((await world.stripe.prices.list()).data).toEqual([]);
    expect(await syncCatalogue({ dryRun: false, report })).toBe(14);
    expect(await syncCatalogue({ dryRun: false, report })).toBe(0);
  });

  test("a price that changed is replaced, and whoever bought the old one keeps plan and allowance", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    await createPrice({ productId: "parley_pro", lookupKey: "pro_month", cents: 2_500, interval: "month" });
    await world.travel(iso(new Date(addMonths(now(), 1).getTime() + 2 * hourMs)));
    await syncCustomer(customer);
    expect((await entitled(ada)).plan).toBe("pro");
    expect(await grantsOf(world, ada)).toHaveLength(2);
    expect((await overview(ada)).nextPayment?.micros).toBe(19_000_000);
    expect(await syncCatalogue({ dryRun: false, report: () => {} })).toBe(1);
    const [price] = (await world.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
    expect(price).toMatchObject({ unit_amount: 1_900, active: true });
  });
});

describe("the customer's lock", () => {
  test("Stripe is asked only once the lock is held, so that what was read earlier never overwrites what is newer", async () => {
    const ada = await addCustomer(world);
    const customer = await subscribe(world, ada, "pro_month");
    const other = await world.sql.reserve();
    await other`select pg_advisory_lock(hashtextextended(${`billing:${ada.workspaceId}`}, 0))`;
    const late = syncCustomer(customer);
    await vi.waitFor(async () => {
      const [row] =
        await world.sql`select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted`;
      expect(row?.count).toBe(1);
    });
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    await world.stripe.subscriptions.cancel(subscription?.id ?? "");
    await other`select pg_advisory_unlock(hashtextextended(${`billing:${ada.workspaceId}`}, 0))`;
    other.release();
    await late;
    expect((await entitled(ada)).plan).toBe("free");
  });

  test("a crowd of syncs leaves the pool's connections to others", async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => addCustomer(world)));
    const customers: string[] = [];
    for (const person of people) customers.push(await subscribe(world, person, "pro_month"));
    let most = 0;
    const syncs = Promise.all(
      customers.flatMap((id) => [syncCustomer(id), syncCustomer(id), syncCustomer(id)]),
    );
    let running = true;
    void syncs.finally(() => {
      running = false;
    });
    while (running) {
      const [row] = await world.sql`
        select count(*)::int as count from pg_locks where locktype = 'advisory' and database = (
          select oid from pg_database where datname = current_database())`;
      most = Math.max(most, Number(row?.count));
    }
    await syncs;
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4);
  });
});

describe("the API", () => {
  test("shows a subscription to its owner alone: for everybody else there is none", async () => {
    const [ada, eve] = [await addCustomer(world), await addCustomer(world)];
    await subscribe(world, ada, "pro_year");
    const id = (await subscriptionStateOf(world, ada))?.id ?? "";
    expect(await readSubscriptionView(world.db, ada.workspaceId, id)).toMatchObject({
      id,
      status: "active",
      plan: "pro",
      interval: "year",
      cancelAtPeriodEnd: false,
    });
    for (const wanted of [id, "sub_nothing"])
      await expect(readSubscriptionView(world.db, eve.workspaceId, wanted)).rejects.toMatchObject({
        code: "not_found",
      });
  });

  test("asks for a session, and a page of another site may not buy", async () => {
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

  test("paying by card on the hosted page leads back to our success page", async () => {
    const ada = await addCustomer(world);
    const { url } = await startCheckout(ada, "pro_month", now());
    const answer = await submitCard(url, "4242424242424242");
    expect(answer.headers.get("location")).toMatch(
      /^http:\/\/localhost:3000\/billing\/success\?session_id=cs_test_\w+$/,
    );
  });
});
