import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
const alerts: Alert[] = [];
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(() => testEnv.reset());
afterEach(() => {
  alerts.length = 0;
  deliverAlertsTo(undefined);
});
afterAll(() => testEnv.close());

const differenceNames = (found: { what: string }[]) => found.map(({ what }) => what);
const planOf = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now()).plan;
const findingsOf = (customerId: string) =>
  testEnv.sql<{ differences: { what: string }[]; fixedAt: string | null; fixedBy: string | null }[]>`
    select differences, fixed_at as "fixedAt", fixed_by as "fixedBy" from billing_drift
    where stripe_customer_id = ${customerId} order by found_at, id`;

/** Reads everything that a fix may change, as one string. */
const readBillingRows = async ({ workspaceId }: Customer) => {
  const [row] = await testEnv.sql`
    select (select json_agg(s order by s.id) from subscriptions s where workspace_id = ${workspaceId}) as subscriptions,
      (select json_agg(i order by i.id) from subscription_items i join subscriptions s on s.id = i.subscription_id
        where s.workspace_id = ${workspaceId}) as items,
      (select json_agg(i order by i.id) from invoices i where workspace_id = ${workspaceId}) as invoices,
      (select json_agg(l order by l.id) from invoice_lines l join invoices i on i.id = l.invoice_id
        where i.workspace_id = ${workspaceId}) as lines,
      (select json_agg(c order by c.id) from charges c where workspace_id = ${workspaceId}) as charges,
      (select json_agg(g order by g.id) from grants g where workspace_id = ${workspaceId}) as grants,
      (select json_agg(e order by e.id) from ledger_entries e where workspace_id = ${workspaceId}) as ledger,
      (select json_agg(c) from billing_customers c where workspace_id = ${workspaceId}) as customer,
      (select count(*)::int from billing_drift) as drift,
      (select count(*)::int from outgoing_mail) as emails`;
  return JSON.stringify(row);
};

/** Creates a customer on Pro with a top-up, in sync with Stripe. */
async function createSubscribedCustomer() {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "pro_month");
  const { url } = await startTopUp(ada, "top_up_5", now());
  const back = await submitCard(url, goodCard);
  const session = new URL(back.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  await finishCheckout(ada.workspaceId, session);
  return { ada, customer };
}

/** Creates a second subscription outside our Checkout, as in Stripe's dashboard. */
async function createSecondSubscription(customer: string): Promise<void> {
  const method = await testEnv.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const [price] = (await testEnv.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
  const items = [{ price: price?.id ?? "" }];
  await testEnv.stripe.subscriptions.create({ customer, items, default_payment_method: method.id });
}

describe("synced invoices and payments", () => {
  test("a sync stores each invoice line with its lookup key and each payment with its invoice", async () => {
    const { ada, customer } = await createSubscribedCustomer();
    const lines = await testEnv.sql`
      select l.lookup_key as key, l.amount_cents::int as cents, l.subscription_item_id is not null as item, l.is_proration as proration,
        i.amount_paid_cents::int as paid, c.amount_cents::int as charged
      from invoice_lines l join invoices i on i.id = l.invoice_id left join charges c on c.invoice_id = i.id
      where i.workspace_id = ${ada.workspaceId} order by l.amount_cents`;
    expect([...lines]).toEqual([
      { key: "top_up_5", cents: 500, item: false, proration: false, paid: 500, charged: 500 },
      { key: "pro_month", cents: 1_900, item: true, proration: false, paid: 1_900, charged: 1_900 },
    ]);
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 100 });
    await syncCustomer(customer);
    await syncCustomer(customer);
    const charges = await testEnv.sql`
      select amount_cents::int as amount, refunded_cents::int as refunded, invoice_id is not null as paid
      from charges where workspace_id = ${ada.workspaceId} order by amount_cents`;
    expect([...charges]).toEqual([
      { amount: 500, refunded: 100, paid: true },
      { amount: 1_900, refunded: 0, paid: true },
    ]);
  });
});

/** Each kind of drift: its name, how the test causes it, and the expected finding. */
const tampering: [
  name: string,
  what: RegExp,
  change: (workspaceId: string, testEnv: BillingTestEnv) => Promise<unknown>,
][] = [
  [
    "a status",
    /^Subscription sub_\w+: status$/,
    (id, { sql }) => sql`update subscriptions set status = 'canceled' where workspace_id = ${id}`,
  ],
  [
    "a plan",
    /: plan$/,
    (id, { sql }) => sql`
    update subscription_items set lookup_key = 'enterprise_month' where subscription_id in (select id from subscriptions where workspace_id = ${id})`,
  ],
  [
    "an announced end",
    /: end$/,
    (id, { sql }) => sql`update subscriptions set cancel_at_period_end = true where workspace_id = ${id}`,
  ],
  [
    "a period",
    /: period$/,
    (id, { sql }) => sql`
    update subscription_items set period_end = period_end + interval '1 year' where subscription_id in (select id from subscriptions where workspace_id = ${id})`,
  ],
  [
    "a missing subscription",
    /^Subscription sub_\w+$/,
    (id, { sql }) => sql`delete from subscriptions where workspace_id = ${id}`,
  ],
  [
    "an invoice's status",
    /^Invoice .*: status$/,
    (id, { sql }) =>
      sql`update invoices set status = 'open' where workspace_id = ${id} and subscription_id is not null`,
  ],
  [
    "an invoice's amount",
    /^Invoice .*: paid$/,
    (id, { sql }) =>
      sql`update invoices set amount_paid_cents = 0 where workspace_id = ${id} and subscription_id is not null`,
  ],
  [
    "a missing invoice",
    /^Invoice \S+$/,
    (id, { sql }) => sql`delete from invoices where workspace_id = ${id} and subscription_id is not null`,
  ],
  [
    "a payment",
    /^Payment ch_\w+: refunded$/,
    (id, { sql }) =>
      sql`update charges set refunded_cents = amount_cents where workspace_id = ${id} and amount_cents = 500`,
  ],
  [
    "a missing payment",
    /^Payment ch_\w+$/,
    (id, { sql }) => sql`delete from charges where workspace_id = ${id} and amount_cents = 500`,
  ],
  [
    "credit that is due but was not granted",
    /^Credit top_up:/,
    async (id, { sql, adminSql }) => {
      await adminSql.begin(async (tx) => {
        // As a replica, PostgreSQL skips the trigger that makes the ledger append-only.
        await tx`set local session_replication_role = replica`;
        await tx`delete from ledger_entries where workspace_id = ${id} and source like 'top_up:%'`;
      });
      await sql`delete from grants where workspace_id = ${id} and kind = 'top_up'`;
      await sql`update balances set balance_micros = balance_micros - 5000000 where workspace_id = ${id}`;
    },
  ],
];

describe("drift", () => {
  test("a reconciliation right after a sync finds no drift", async () => {
    const { customer } = await createSubscribedCustomer();
    expect(await reconcileCustomer(customer, { mode: "fix" })).toEqual({ found: [], left: [] });
    expect(await findingsOf(customer)).toHaveLength(0);
  });

  test.each(tampering)(
    "%s is found, fixed and recorded, and a dry run changes nothing",
    async (_name, what, change) => {
      const { ada, customer } = await createSubscribedCustomer();
      const right = await readBillingRows(ada);
      await change(ada.workspaceId, testEnv);
      const wrong = await readBillingRows(ada);
      expect(wrong).not.toBe(right);
      const seen = await reconcileCustomer(customer, { mode: "look" });
      expect(differenceNames(seen.found)).toEqual([expect.stringMatching(what)]);
      expect(await readBillingRows(ada)).toBe(wrong);
      const fixed = await reconcileCustomer(customer, { mode: "fix" });
      expect(fixed).toEqual({ found: seen.found, left: [] });
      expect(await reconcileCustomer(customer, { mode: "look" })).toEqual({ found: [], left: [] });
      expect(await findingsOf(customer)).toMatchObject([
        { differences: seen.found, fixedAt: expect.anything(), fixedBy: null },
      ]);
      expect(await planOf(ada)).toBe("pro");
      expect((await readBalance(testEnv.db, ada.workspaceId, now())).availableMicros).toBe(20_000_000);
    },
  );

  test("an unsynced refund and an unsynced cancellation are found with their effect on credit", async () => {
    const { ada, customer } = await createSubscribedCustomer();
    const [newest] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: newest?.id ?? "" });
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(differenceNames(found)).toEqual([
      expect.stringMatching(/^Subscription sub_\w+: status$/),
      expect.stringMatching(/^Subscription sub_\w+: end$/),
      expect.stringMatching(/^Payment ch_\w+: refunded$/),
      expect.stringMatching(/^Credit top_up:pi_/),
    ]);
    expect(left).toEqual([]);
    expect(await planOf(ada)).toBe("free");
  });

  test("a customer deleted at Stripe is found, and its plan ends", async () => {
    const { ada, customer } = await createSubscribedCustomer();
    await testEnv.stripe.customers.del(customer);
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(differenceNames(found)).toContain("Customer");
    expect(left).toEqual([]);
    expect(await planOf(ada)).toBe("free");
  });

  test("credit without a payment stays an open finding and alerts the operator once an hour", async () => {
    deliverAlertsTo(async (alert) => void alerts.push(alert));
    const { ada, customer } = await createSubscribedCustomer();
    await testEnv.sql`update grants set source_key = 'top_up:pi_invented' where workspace_id = ${ada.workspaceId} and kind = 'top_up'`;
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(found).toHaveLength(2);
    expect(left).toMatchObject([{ what: "Credit top_up:pi_invented", theirs: "nothing was paid for it" }]);
    await reconcileCustomer(customer, { mode: "fix" });
    expect(alerts.map(({ key, title }) => [key, /^Drift found/.test(title)])).toEqual([
      ["billing.drift", true],
    ]);
    const findings = await findingsOf(customer);
    expect(findings.filter(({ fixedAt }) => fixedAt === null)).toMatchObject([{ differences: left }]);
    expect(findings).toHaveLength(2);
    await testEnv.sql`update grants set source_key = 'manual:invented' where source_key = 'top_up:pi_invented'`;
    await reconcileCustomer(customer, { mode: "fix" });
    expect((await findingsOf(customer)).filter(({ fixedAt }) => fixedAt === null)).toEqual([]);
  });

  test("two running subscriptions stay an open finding", async () => {
    const { customer } = await createSubscribedCustomer();
    await createSecondSubscription(customer);
    const { left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(left).toMatchObject([
      { what: "Running subscriptions", theirs: expect.stringMatching(/^sub_\w+ and sub_\w+$/) },
    ]);
  });

  test("recording a finding changes nothing else, and an operator's fix closes it in their name", async () => {
    const { ada, customer } = await createSubscribedCustomer();
    await testEnv.sql`update subscriptions set status = 'canceled' where workspace_id = ${ada.workspaceId}`;
    await reconcileCustomer(customer, { mode: "note" });
    await reconcileCustomer(customer, { mode: "note" });
    expect(await planOf(ada)).toBe("free");
    expect(await findingsOf(customer)).toMatchObject([{ fixedAt: null }]);
    const operator = newId();
    await reconcileCustomer(customer, { mode: "fix", fixedBy: operator });
    expect(await findingsOf(customer)).toMatchObject([{ fixedAt: expect.anything(), fixedBy: operator }]);
    expect(await planOf(ada)).toBe("pro");
    const trail = await testEnv.sql`
      select action, actor_user_id as actor, target from audit_log where workspace_id = ${ada.workspaceId} and action = 'drift.fixed'`;
    expect([...trail]).toEqual([{ action: "drift.fixed", actor: operator, target: customer }]);
  });
});
