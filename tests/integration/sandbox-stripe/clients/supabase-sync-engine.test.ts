import { createRequire } from "node:module";
import type { StripeSync } from "@supabase/stripe-sync-engine";
import type { Sql } from "postgres";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "#db/client.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import {
  receiveWebhooks,
  type WebhookServer,
} from "#tests/integration/sandbox-stripe/clients/webhook-server.ts";
import {
  changeCard,
  clientOf,
  createPlan,
  payingCustomer,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let database: TestDatabase;
/** The engine's own migrations need a superuser. */
let adminSql: Sql;
let sandbox: SandboxClient;
let stripe: Stripe;
let sync: StripeSync;
let webhooks: WebhookServer;

const revalidated = [
  "charge",
  "credit_note",
  "customer",
  "dispute",
  "invoice",
  "payment_intent",
  "payment_method",
  "plan",
  "price",
  "product",
  "radar.early_fraud_warning",
  "refund",
  "setup_intent",
  "subscription",
  "subscription_schedule",
  "tax_id",
] as const;

beforeAll(async () => {
  database = await createTestDatabase();
  adminSql = connect(database.adminUrl, { max: 1 }).sql;
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
  // The CommonJS build: the other one does not find its migrations.
  const engine: typeof import("@supabase/stripe-sync-engine") = createRequire(import.meta.url)(
    "@supabase/stripe-sync-engine",
  );
  await createPostgresRole();
  await engine.runMigrations({ databaseUrl: database.adminUrl, schema: "stripe" });
  let receiver: StripeSync | null = null;
  webhooks = await receiveWebhooks(stripe, async (payload, signature) =>
    receiver?.processWebhook(payload, signature),
  );
  sync = new engine.StripeSync({
    poolConfig: { connectionString: database.adminUrl, max: 4 },
    stripeSecretKey: "sk_test_sandbox000000000000",
    stripeWebhookSecret: webhooks.secret,
    stripeApiVersion: String(stripe.getApiField("version")),
    autoExpandLists: true,
    backfillRelatedEntities: true,
    // Otherwise the engine keeps the first state of each second, because events have whole seconds.
    revalidateObjectsViaStripeApi: [...revalidated],
  });
  // The package is unmodified; its client only talks to another host.
  sync.stripe = clientOf(sandbox.url);
  receiver = sync;
});
afterAll(async () => {
  await sync.close();
  await webhooks.stop();
  await sandbox.stop();
  await adminSql.end();
  await database.drop();
});

/** The engine's migrations make this role the owner of a function. */
async function createPostgresRole(): Promise<void> {
  await adminSql`do $$ begin create role postgres; exception when duplicate_object then null; end $$`;
}

type Row = Record<string, unknown>;
/** The tables and the call that reads the object of a row. */
const readers: Record<string, (id: string) => Promise<object>> = {
  products: (id) => stripe.products.retrieve(id),
  prices: (id) => stripe.prices.retrieve(id),
  customers: (id) => stripe.customers.retrieve(id),
  subscriptions: (id) => stripe.subscriptions.retrieve(id),
  subscription_schedules: (id) => stripe.subscriptionSchedules.retrieve(id),
  invoices: (id) => stripe.invoices.retrieve(id),
  charges: (id) => stripe.charges.retrieve(id),
  payment_intents: (id) => stripe.paymentIntents.retrieve(id),
  payment_methods: (id) => stripe.paymentMethods.retrieve(id),
  setup_intents: (id) => stripe.setupIntents.retrieve(id),
  refunds: (id) => stripe.refunds.retrieve(id),
  disputes: (id) => stripe.disputes.retrieve(id),
  credit_notes: (id) => stripe.creditNotes.retrieve(id),
  tax_ids: (id) => stripe.taxIds.retrieve(id),
  early_fraud_warnings: (id) => stripe.radar.earlyFraudWarnings.retrieve(id),
  checkout_sessions: (id) => stripe.checkout.sessions.retrieve(id),
  features: (id) => stripe.entitlements.features.retrieve(id),
};
/** Lists that the engine completes or stores in tables of their own. */
const listColumns = new Set(["lines", "items", "line_items"]);

/** Columns of a row that differ from the sandbox's object. Numbers of 64 bits arrive as strings. */
function differences(row: Row, object: object): string[] {
  const fields = new Map<string, unknown>(Object.entries(JSON.parse(JSON.stringify(object))));
  return Object.entries(row).flatMap(([column, stored]) => {
    if (!fields.has(column) || listColumns.has(column)) return [];
    const value = fields.get(column) ?? null;
    const same = [stored, parsed(stored)].some(
      (each) =>
        JSON.stringify(sorted(each)) === JSON.stringify(sorted(value)) || String(each) === String(value),
    );
    return same ? [] : [`${column}: ${JSON.stringify(stored)} instead of ${JSON.stringify(value)}`];
  });
}

/** The value of a text column that contains JSON. */
function parsed(stored: unknown): unknown {
  if (typeof stored !== "string" || !/^["{[]/.test(stored)) return stored;
  return JSON.parse(stored);
}

/** The same value with the keys of its objects in order, because PostgreSQL reorders them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

/** A small business: purchases, a failing renewal, money back, a schedule, features, a write-off. */
async function doBusiness(): Promise<void> {
  const [pro, team] = [await createPlan(stripe, "Pro", 1900), await createPlan(stripe, "Team", 4900)];
  const feature = await stripe.entitlements.features.create({ name: "Vision", lookup_key: "vision" });
  await stripe.products.createFeature(pro.product.id, { entitlement_feature: feature.id });
  const { customer, subscription } = await subscribe(stripe, pro.month.id);
  await stripe.customers.createTaxId(customer, { type: "eu_vat", value: "DE123456789" });
  await stripe.subscriptions.update(subscription.id, {
    items: [{ id: subscription.items.data[0]?.id ?? "", price: team.month.id, quantity: 2 }],
    proration_behavior: "always_invoice",
  });
  await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  // The engine takes the state of a paid charge from its newest event, which must have a second of its own.
  await sandbox.control("clock/advance", { seconds: 60 });
  const [charge] = (await stripe.charges.list({ customer, limit: 1 })).data;
  await stripe.refunds.create({ charge: charge?.id ?? "", amount: 300 });
  const other = await subscribe(stripe, pro.month.id, { trialDays: 7 });
  await changeCard(stripe, other.customer, "pm_card_chargeCustomerFail");
  await sandbox.control("clock/advance", { months: 1 });
  await sandbox.control("clock/advance", { seconds: 3600 });
  const open = (await stripe.invoices.list({ status: "open" })).data[0];
  await stripe.invoices.markUncollectible(open?.id ?? "");
  const payer = await payingCustomer(stripe);
  for (let index = 0; index < 12; index += 1) {
    await stripe.invoiceItems.create({ customer: payer, amount: 100, currency: "usd" });
  }
  const draft = await stripe.invoices.create({ customer: payer, pending_invoice_items_behavior: "include" });
  const paid = await stripe.invoices.pay(draft.id);
  await stripe.creditNotes.create({ invoice: paid.id, amount: 200, credit_amount: 200 });
  await stripe.customers.del(other.customer);
}

test("P: @supabase/stripe-sync-engine stores rows that equal the sandbox's objects", async () => {
  await doBusiness();
  await sandbox.control("flush", {});
  // The engine throws for events that it does not store.
  const failures = webhooks.errors.filter((error) => String(error) !== "Error: Unhandled webhook event");
  expect(failures).toEqual([]);
  const found: string[] = [];
  let rowCount = 0;
  for (const [table, read] of Object.entries(readers)) {
    const rows: Row[] = await adminSql`select * from ${adminSql(`stripe.${table}`)}`;
    for (const row of rows) {
      rowCount += 1;
      const object = await read(String(row.id));
      if ("deleted" in object && object.deleted) continue;
      found.push(...differences(row, object).map((text) => `${table} ${String(row.id)} ${text}`));
    }
  }
  expect(found).toEqual([]);
  expect(rowCount).toBeGreaterThan(40);
  const [lines] = await adminSql`select jsonb_array_length(lines->'data') as count from stripe.invoices
    where total = 1200`;
  expect(lines?.count).toBe(12);
});

test("P: @supabase/stripe-sync-engine backfills every object through the sandbox's lists", async () => {
  const result = await sync.syncBackfill({ object: "all" });
  const counts = Object.fromEntries(Object.entries(result).map(([name, each]) => [name, each?.synced]));
  expect(counts).toMatchObject({ plans: 4, subscriptionSchedules: 1, refunds: 1, taxIds: 0 });
  expect(counts.invoices).toBeGreaterThan(4);
  expect(counts.checkoutSessions).toBe(2);
});
