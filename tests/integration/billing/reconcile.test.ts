import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { finishCheckout, startTopUp } from "#lib/billing/checkout.ts";
import { ensureCustomer } from "#lib/billing/customers.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { reconcileAll } from "#lib/billing/reconcile/reconcile-all.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { readBalance } from "#lib/usage/balance.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  goodCard,
  grantsOf,
  pay,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
const alerts: Alert[] = [];
beforeAll(async () => {
  world = await createBillingWorld();
});
afterEach(() => {
  alerts.length = 0;
  deliverAlertsTo(undefined);
});
afterAll(() => world.close());

const whatOf = (found: { what: string }[]) => found.map(({ what }) => what);
const planOf = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now()).plan;
const findingsOf = (customerId: string) =>
  world.sql<{ differences: { what: string }[]; fixedAt: string | null; fixedBy: string | null }[]>`
    select differences, fixed_at as "fixedAt", fixed_by as "fixedBy" from billing_drift
    where stripe_customer_id = ${customerId} order by found_at, id`;

/** Everything of a workspace's billing that a fix may change. */
const booksOf = async ({ workspaceId }: Customer) => {
  const [row] = await world.sql`
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
      (select count(*)::int from outgoing_mail) as letters`;
  return JSON.stringify(row);
};

/** Somebody on Pro with a top-up, whose books are as Stripe's. */
async function payer() {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "pro_month");
  const { url } = await startTopUp(ada, "top_up_5", now());
  const back = await submitCard(url, goodCard);
  const session = new URL(back.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  await finishCheckout(ada.workspaceId, session);
  return { ada, customer };
}

/** A subscription that is made beside our Checkout, as a hand on the dashboard does. */
async function buyAgain(customer: string): Promise<void> {
  const method = await world.stripe.paymentMethods.attach("pm_card_visa", { customer });
  const [price] = (await world.stripe.prices.list({ lookup_keys: ["pro_month"] })).data;
  const items = [{ price: price?.id ?? "" }];
  await world.stripe.subscriptions.create({ customer, items, default_payment_method: method.id });
}

describe("what Stripe says of an invoice and a payment", () => {
  test("is kept line by line with our catalogue's key, and each payment with the invoice it paid", async () => {
    const { ada, customer } = await payer();
    const lines = await world.sql`
      select l.lookup_key as key, l.amount_cents::int as cents, l.subscription_item_id is not null as item, l.is_proration as proration,
        i.amount_paid_cents::int as paid, c.amount_cents::int as charged
      from invoice_lines l join invoices i on i.id = l.invoice_id left join charges c on c.invoice_id = i.id
      where i.workspace_id = ${ada.workspaceId} order by l.amount_cents`;
    expect([...lines]).toEqual([
      { key: "top_up_5", cents: 500, item: false, proration: false, paid: 500, charged: 500 },
      { key: "pro_month", cents: 1_900, item: true, proration: false, paid: 1_900, charged: 1_900 },
    ]);
    const [charge] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: charge?.id ?? "", amount: 100 });
    await syncCustomer(customer);
    await syncCustomer(customer);
    const charges = await world.sql`
      select amount_cents::int as amount, refunded_cents::int as refunded, invoice_id is not null as paid
      from charges where workspace_id = ${ada.workspaceId} order by amount_cents`;
    expect([...charges]).toEqual([
      { amount: 500, refunded: 100, paid: true },
      { amount: 1_900, refunded: 0, paid: true },
    ]);
  });
});

/** Each way in which our books can be wrong: how it is brought about, and what is found. */
const tampering: [
  name: string,
  what: RegExp,
  change: (workspaceId: string, world: BillingWorld) => Promise<unknown>,
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
    "a subscription that is not here",
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
    "an invoice that is not here",
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
    "a payment that is not here",
    /^Payment ch_\w+$/,
    (id, { sql }) => sql`delete from charges where workspace_id = ${id} and amount_cents = 500`,
  ],
  [
    "credit that is due and was not given",
    /^Credit top_up:/,
    async (id, { sql }) => {
      await sql`delete from ledger_entries where workspace_id = ${id} and source like 'top_up:%'`;
      await sql`delete from grants where workspace_id = ${id} and kind = 'top_up'`;
      await sql`update balances set balance_micros = balance_micros - 5000000 where workspace_id = ${id}`;
    },
  ],
];

describe("drift", () => {
  test("right after a sync there is none", async () => {
    const { customer } = await payer();
    expect(await reconcileCustomer(customer, { mode: "fix" })).toEqual({ found: [], left: [] });
    expect(await findingsOf(customer)).toHaveLength(0);
  });

  test.each(tampering)(
    "%s is found, put right and written down; a dry run changes nothing",
    async (_name, what, change) => {
      const { ada, customer } = await payer();
      const right = await booksOf(ada);
      await change(ada.workspaceId, world);
      const wrong = await booksOf(ada);
      expect(wrong).not.toBe(right);
      const seen = await reconcileCustomer(customer, { mode: "look" });
      expect(whatOf(seen.found)).toEqual([expect.stringMatching(what)]);
      expect(await booksOf(ada)).toBe(wrong);
      const fixed = await reconcileCustomer(customer, { mode: "fix" });
      expect(fixed).toEqual({ found: seen.found, left: [] });
      expect(await reconcileCustomer(customer, { mode: "look" })).toEqual({ found: [], left: [] });
      expect(await findingsOf(customer)).toMatchObject([
        { differences: seen.found, fixedAt: expect.anything(), fixedBy: null },
      ]);
      expect(await planOf(ada)).toBe("pro");
      expect((await readBalance(world.db, ada.workspaceId, now())).availableMicros).toBe(20_000_000);
    },
  );

  test("a refund and an end that nobody heard of are found with the credit that goes with them", async () => {
    const { ada, customer } = await payer();
    const [newest] = (await world.stripe.charges.list({ customer })).data;
    await world.stripe.refunds.create({ charge: newest?.id ?? "" });
    const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
    await world.stripe.subscriptions.cancel(subscription?.id ?? "");
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(whatOf(found)).toEqual([
      expect.stringMatching(/^Subscription sub_\w+: status$/),
      expect.stringMatching(/^Subscription sub_\w+: end$/),
      expect.stringMatching(/^Payment ch_\w+: refunded$/),
      expect.stringMatching(/^Credit top_up:pi_/),
    ]);
    expect(left).toEqual([]);
    expect(await planOf(ada)).toBe("free");
  });

  test("a customer that was deleted at Stripe is found, and its plan ends", async () => {
    const { ada, customer } = await payer();
    await world.stripe.customers.del(customer);
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(whatOf(found)).toContain("Customer");
    expect(left).toEqual([]);
    expect(await planOf(ada)).toBe("free");
  });

  test("credit that nothing was paid for stays an open finding, and the operator is told once an hour", async () => {
    deliverAlertsTo(async (alert) => void alerts.push(alert));
    const { ada, customer } = await payer();
    await world.sql`update grants set source_key = 'top_up:pi_invented' where workspace_id = ${ada.workspaceId} and kind = 'top_up'`;
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
    await world.sql`update grants set source_key = 'manual:invented' where source_key = 'top_up:pi_invented'`;
    await reconcileCustomer(customer, { mode: "fix" });
    expect((await findingsOf(customer)).filter(({ fixedAt }) => fixedAt === null)).toEqual([]);
  });

  test("two running subscriptions are found, and no sync pretends to have put them right", async () => {
    const { customer } = await payer();
    await buyAgain(customer);
    const { left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(left).toMatchObject([
      { what: "Running subscriptions", theirs: expect.stringMatching(/^sub_\w+ and sub_\w+$/) },
    ]);
  });

  test("a finding that is only noted changes nothing else, and an operator's fix closes it with their name", async () => {
    const { ada, customer } = await payer();
    await world.sql`update subscriptions set status = 'canceled' where workspace_id = ${ada.workspaceId}`;
    await reconcileCustomer(customer, { mode: "note" });
    await reconcileCustomer(customer, { mode: "note" });
    expect(await planOf(ada)).toBe("free");
    expect(await findingsOf(customer)).toMatchObject([{ fixedAt: null }]);
    const operator = newId();
    await reconcileCustomer(customer, { mode: "fix", fixedBy: operator });
    expect(await findingsOf(customer)).toMatchObject([{ fixedAt: expect.anything(), fixedBy: operator }]);
    expect(await planOf(ada)).toBe("pro");
    const trail = await world.sql`
      select action, actor_user_id as actor, target from audit_log where workspace_id = ${ada.workspaceId} and action = 'drift.fixed'`;
    expect([...trail]).toEqual([{ action: "drift.fixed", actor: operator, target: customer }]);
  });
});

describe("customers at Stripe that no row of ours knows", () => {
  test("one whose row was lost is its workspace's again, with the plan that is paid", async () => {
    const { ada, customer } = await payer();
    await world.sql`delete from billing_customers where workspace_id = ${ada.workspaceId}`;
    await world.sql`delete from subscriptions where workspace_id = ${ada.workspaceId}`;
    const dry = await reconcileAll({ dryRun: true, report: () => {} });
    expect(dry).toMatchObject({ fixed: 0 });
    expect(
      await world.sql`select 1 from billing_customers where workspace_id = ${ada.workspaceId}`,
    ).toHaveLength(0);
    const { found, left } = await reconcileCustomer(customer, { mode: "fix" });
    expect(whatOf(found)).toContain(`Customer ${customer}`);
    expect(left).toEqual([]);
    expect(await planOf(ada)).toBe("pro");
    expect(await grantsOf(world, ada)).toHaveLength(2);
  });

  test("a second customer by which somebody pays is an open finding; one by which nobody pays is left alone", async () => {
    const { ada } = await payer();
    const metadata = { workspace_id: ada.workspaceId };
    const second = await world.stripe.customers.create({ metadata });
    expect(await reconcileCustomer(second.id, { mode: "fix" })).toEqual({ found: [], left: [] });
    await buyAgain(second.id);
    const { left } = await reconcileCustomer(second.id, { mode: "fix" });
    expect(left).toMatchObject([{ what: `Customer ${second.id}`, theirs: expect.stringContaining("sub_") }]);
    expect(await findingsOf(second.id)).toMatchObject([{ fixedAt: null }]);
    expect(await stripeCustomerOf(world, ada)).not.toBe(second.id);
  });

  test("account deleted, billing goes on: a customer whose workspace is gone is found while somebody pays", async () => {
    const nobody = await world.stripe.customers.create({ metadata: { workspace_id: newId() } });
    await buyAgain(nobody.id);
    const { left } = await reconcileCustomer(nobody.id, { mode: "fix" });
    expect(left).toMatchObject([{ ours: "not here, and its workspace does not exist" }]);
  });
});

describe("the whole", () => {
  /** Does what the sweep has planned for one customer, as a worker would. */
  async function doPlanned(customerId: string): Promise<number> {
    const jobs = await world.sql<{ mode: "fix" }[]>`
      select data->>'mode' as mode from pgboss.job where name = 'billing.reconcile' and data->>'customerId' = ${customerId}`;
    for (const { mode } of jobs) await reconcileCustomer(customerId, { mode });
    return jobs.length;
  }

  test("wound: webhook missed, paid without access: the sweep gives what was paid for, and says what it found", async () => {
    const ada = await addCustomer(world);
    await pay(ada, "pro_month");
    expect(await planOf(ada)).toBe("free");
    await sweepBilling();
    await sweepBilling();
    const customer = await stripeCustomerOf(world, ada);
    expect(await doPlanned(customer)).toBe(1);
    expect(await planOf(ada)).toBe("pro");
    expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
    const [finding] = await findingsOf(customer);
    expect(finding).toMatchObject({ fixedAt: expect.anything(), fixedBy: null });
    expect(whatOf(finding?.differences ?? [])).toContainEqual(expect.stringMatching(/^Credit allowance:/));
  });

  test("a customer whose row was lost with the process that made it is planned by the sweep, and ours again", async () => {
    const ada = await addCustomer(world);
    let made = "";
    const lost = world.db.transaction(async (tx) => {
      made = await ensureCustomer(tx, ada.workspaceId, now());
      throw new Error("the process died");
    });
    await expect(lost).rejects.toThrow("died");
    await sweepBilling();
    expect(await doPlanned(made)).toBe(1);
    expect(await stripeCustomerOf(world, ada)).toBe(made);
  });

  test("the report names each difference and counts; the second run finds only what is left", async () => {
    const { ada, customer } = await payer();
    await world.sql`update subscriptions set status = 'unpaid' where workspace_id = ${ada.workspaceId}`;
    const lines: string[] = [];
    const first = await reconcileAll({ dryRun: false, report: (line) => lines.push(line) });
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^${customer}: Subscription sub_\\w+: status: here unpaid, at Stripe active$`),
      ),
    );
    expect(lines.at(-1)).toBe(`${first.customers} customers, ${first.differ} differ, ${first.fixed} fixed`);
    const second = await reconcileAll({ dryRun: true, report: () => {} });
    expect(second).toEqual({ customers: first.customers, differ: first.differ - first.fixed, fixed: 0 });
  });
});
