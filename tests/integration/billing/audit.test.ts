import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listDrift } from "#lib/billing/operator/drift-list.ts";
import { fixDrift } from "#lib/billing/operator/operator-actions.ts";
import { auditAll } from "#lib/billing/reconcile/audit-all.ts";
import { auditAndRecord, auditNow, enqueueAudits } from "#lib/billing/reconcile/run-audit.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

// B19: the auditor compares money and credit by itself. Each test breaks our ledger, or leaves it behind.

let testEnv: BillingTestEnv;
let ada: Customer;
let customer: string;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  ada = await addCustomer(testEnv);
  customer = await subscribe(testEnv, ada, "pro_month");
});
afterAll(() => testEnv.close());

const findings = async () => (await auditNow(ada.workspaceId))?.findings ?? [];

async function priceOf(lookupKey: string): Promise<string> {
  return (await testEnv.stripe.prices.list({ lookup_keys: [lookupKey] })).data[0]?.id ?? "";
}

async function openDrift() {
  return testEnv.sql`
    select source, differences, workspace_id from billing_drift where fixed_at is null order by found_at`;
}

describe("what the audit compares", () => {
  it("B19: a paid month whose credit was granted has no finding", async () => {
    expect(await findings()).toEqual([]);
  });

  it("B19: a workspace without a customer is not audited", async () => {
    const ben = await addCustomer(testEnv);
    expect(await auditNow(ben.workspaceId)).toBeNull();
  });

  it("B19: credit that was paid for and not granted is reported to the micro-dollar", async () => {
    await testEnv.sql`update grants set amount_micros = amount_micros - 1, remaining_micros = remaining_micros - 1
      where source_key not like 'free:%'`;
    expect(await findings()).toMatchObject([
      { kind: "plan_credit", customerId: customer, expected: "$15.00", actual: "$14.999999" },
    ]);
  });

  it("B19: a refund that was not taken back is reported", async () => {
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 950 });
    expect(await findings()).toMatchObject([{ kind: "plan_credit", expected: "$7.50", actual: "$15.00" }]);
    await syncCustomer(customer);
    expect(await findings()).toEqual([]);
  });

  it("B19: a top-up without its credit is reported", async () => {
    const item = { customer, pricing: { price: await priceOf("top_up_20") } };
    const invoice = await testEnv.stripe.invoices.create({ customer, auto_advance: false });
    await testEnv.stripe.invoiceItems.create({ ...item, invoice: invoice.id });
    await testEnv.stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
    expect(await findings()).toMatchObject([{ kind: "top_up_credit", expected: "$20.00", actual: "$0.00" }]);
  });

  it("B19: a plan that is paid and not applied, and one that is applied and not paid, are reported", async () => {
    await testEnv.sql`update subscriptions set status = 'canceled', ended_at = now()`;
    expect(await findings()).toMatchObject([{ kind: "plan", expected: "pro", actual: "free" }]);
    await syncCustomer(customer);
    const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
    await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
    expect(await findings()).toMatchObject([{ kind: "plan", expected: "free", actual: "pro" }]);
  });

  it("B19: money of a replaced customer counts, even if our tables do not name it as a former one", async () => {
    const first = customer;
    await testEnv.stripe.customers.del(first);
    await syncCustomer(first);
    customer = await subscribe(testEnv, ada, "enterprise_month");
    await testEnv.sql`delete from former_customers`;
    expect(await findings()).toEqual([]);
  });

  it("B19: two plans that are paid at once and that the operator was not told of are reported", async () => {
    const [card] = (await testEnv.stripe.customers.listPaymentMethods(customer)).data;
    const items = [{ price: await priceOf("enterprise_month") }];
    await testEnv.stripe.subscriptions.create({ customer, items, default_payment_method: card?.id ?? "" });
    await syncCustomer(customer);
    expect(await findings()).toEqual([]);
    await testEnv.sql`delete from billing_drift`;
    expect(await findings()).toMatchObject([{ kind: "undecided", actual: "the operator was not told" }]);
  });

  it("B19: a balance that differs from its ledger is reported", async () => {
    await testEnv.sql`update balances set balance_micros = balance_micros + 5`;
    expect((await findings()).map(({ kind }) => kind)).toEqual(["ledger"]);
  });
});

describe("how findings reach the operator", () => {
  const breakCredit = () => testEnv.sql`update grants set amount_micros = amount_micros + 1000000,
    remaining_micros = remaining_micros + 1000000 where source_key not like 'free:%'`;

  it("B19: the nightly job audits every workspace once, however often it is repeated", async () => {
    await enqueueAudits();
    await enqueueAudits();
    const jobs = await testEnv.sql`select data from pgboss.job where name = 'billing.audit-workspace'`;
    expect(jobs.map(({ data }) => data)).toEqual([{ workspaceId: ada.workspaceId }]);
  });

  it("B19: a difference is recorded once a second look confirms it, and closed when it is gone", async () => {
    await breakCredit();
    await auditAndRecord(ada.workspaceId, false);
    expect(await openDrift()).toHaveLength(0);
    const [second] = await testEnv.sql`select data, start_after > now() + interval '10 minutes' as later
      from pgboss.job where name = 'billing.audit-workspace' and data ? 'isSecondLook'`;
    expect(second).toEqual({ data: { workspaceId: ada.workspaceId, isSecondLook: true }, later: true });
    await auditAndRecord(ada.workspaceId, true);
    await auditAndRecord(ada.workspaceId, true);
    expect(await openDrift()).toMatchObject([
      { source: "audit", workspace_id: ada.workspaceId, differences: [{ ours: "$16.00", theirs: "$15.00" }] },
    ]);
    await testEnv.sql`update grants set amount_micros = 15000000, remaining_micros = 15000000
      where source_key not like 'free:%'`;
    await auditAndRecord(ada.workspaceId, false);
    expect(await openDrift()).toHaveLength(0);
  });

  it("B19: the operator sees a finding, and a fix that works closes it", async () => {
    const [charge] = (await testEnv.stripe.charges.list({ customer })).data;
    await testEnv.stripe.refunds.create({ charge: charge?.id ?? "", amount: 950 });
    await auditAndRecord(ada.workspaceId, true);
    const shown = await listDrift(testEnv.db, { state: "open" }, 10);
    expect(shown).toMatchObject([{ source: "audit", customerId: customer }]);
    const operator = { userId: ada.userId, role: "operator" as const };
    expect((await fixDrift(operator, customer)).left).toEqual([]);
    expect(await openDrift()).toHaveLength(0);
  });

  it("B19: the command reports each difference as a row and counts them", async () => {
    await breakCredit();
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    expect(await auditAll({ workspaceId: null, after: null, report })).toEqual({
      workspaces: 1,
      findings: 1,
    });
    expect(lines[0]).toMatch(/^kind +workspace +customer +expected +actual$/);
    expect(lines[1]).toContain(customer);
    expect(lines[2]).toContain("$1.00 of credit was not paid for.");
    expect(await auditAll({ workspaceId: ada.workspaceId, after: null, report })).toMatchObject({
      findings: 1,
    });
    expect(await auditAll({ workspaceId: null, after: ada.workspaceId, report })).toMatchObject({
      workspaces: 0,
    });
  });
});
