import { createServer, type Server } from "node:http";
import { eq } from "drizzle-orm";
import Stripe from "stripe";
import { vi } from "vitest";
import { POST as receiveWebhookRoute } from "#app/api/webhooks/stripe/route.ts";
import { connect } from "#db/client.ts";
import { grants } from "#db/schema/usage.ts";
import { createUser } from "#lib/accounts/users.ts";
import { finishCheckout, startCheckout } from "#lib/billing/actions/checkout.ts";
import { syncCatalog } from "#lib/billing/catalog/sync-catalog.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import { ensureCustomer } from "#lib/billing/customer/customers.ts";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { processEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now, shiftClock } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/catalog/find-price.ts";
import type { JobHandlers } from "#lib/jobs/jobs.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { checked } from "#tests/contract.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { prepareDatabaseReset } from "#tests/integration/billing/database-reset.ts";
import { startSandbox, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

const receiveWebhook = checked(receiveWebhookRoute);

export type Customer = {
  userId: string;
  workspaceId: string;
  memberRole: "owner";
};

export const goodCard = "4242424242424242";
export const webhookPath = "/api/webhooks/stripe";
const appUrl = "http://localhost:3000";

/**
 * Starts what a billing test needs: a database, the Stripe sandbox with our catalog, and our webhook route on
 * a real port. Stripe delivers webhooks only after `deliver`, and jobs run only after `startJobs`. A file
 * starts one environment and calls `reset` before each test that needs an empty one.
 * @param ownDatabase a migrated database of the caller, for a test that stops the server under it
 */
export async function startBillingTestEnv(ownDatabase?: TestDatabase) {
  const database = ownDatabase ?? (await createTestDatabase());
  const [sandbox, endpoint] = await Promise.all([startSandbox(), serveWebhook()]);
  const endpointParams = { url: endpoint.url, enabled_events: ["*" as const] };
  const secret = (await sandbox.stripe.webhookEndpoints.create(endpointParams)).secret ?? "";
  const stubEnv = () => {
    const given = {
      ...testEnvironment,
      APP_URL: appUrl,
      DATABASE_URL: database.url,
      STRIPE_SECRET_KEY: "sk_test_sandbox000000000000",
      STRIPE_API_BASE: sandbox.url,
      STRIPE_WEBHOOK_SECRET: secret,
    };
    vi.unstubAllEnvs();
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
    resetEnvCaches();
  };
  stubEnv();
  await syncCatalog({ dryRun: false, report: () => {} });
  await sandbox.control("chaos", { drop: true });
  const adminSql = connect(database.adminUrl, { max: 1 }).sql;
  const emptyDatabase = await prepareDatabaseReset(adminSql);
  let isUnused = true;
  let worker: Worker | undefined;

  const stopJobs = async () => {
    await worker?.stop();
    worker = undefined;
  };
  const travel = async (to: string) => {
    await sandbox.control("clock/advance", { to });
    shiftClock(Date.parse(to) - Date.now());
  };

  return {
    ...database,
    ...sandbox,
    /** Of a superuser, who may change the ledger. */
    adminSql,
    secret,
    webhookUrl: endpoint.url,

    /** Lets Stripe deliver webhooks. */
    deliver: () => sandbox.control("chaos", { drop: false }),

    async startJobs(): Promise<void> {
      worker = await startWorker({
        connectionString: database.url,
        handlers: billingJobs(),
        intervalTasks: {},
      });
    },

    /** Advances Stripe's clock and ours. */
    travel,

    /** Empties the database and Stripe except for the catalog, and sets both clocks to the present. */
    async reset(): Promise<void> {
      if (isUnused) {
        isUnused = false;
        return;
      }
      await stopJobs();
      stubEnv();
      await sandbox.control("reset", { keep_endpoints: true, keep_catalog: true });
      // Waits for the delivery in progress: the database would lose its job and keep its event.
      await sandbox.control("flush", {});
      await emptyDatabase();
      await sandbox.control("chaos", { drop: true });
      await travel(new Date().toISOString());
      shiftClock(0);
    },

    async close(): Promise<void> {
      shiftClock(0);
      await stopJobs();
      await endpoint.stop();
      await sandbox.stop();
      await adminSql.end();
      await database.drop();
      vi.unstubAllEnvs();
      resetEnvCaches();
    },
  };
}

export type BillingTestEnv = Awaited<ReturnType<typeof startBillingTestEnv>>;

/** The billing jobs; every other job does nothing. */
function billingJobs(): Partial<JobHandlers> {
  return {
    "stripe.event": ({ eventId }) => processEvent(eventId),
    "billing.sync": ({ customerId }) => syncCustomer(customerId),
    "billing.reconcile": ({ customerId, mode }) => reconcileCustomer(customerId, { mode }),
    "billing.sweep": ({ mode }) => sweepBilling(mode),
  };
}

/** Serves our route handler on a real port, as Next.js would call it. */
async function serveWebhook(): Promise<{ url: string; stop: () => Promise<void> }> {
  const server: Server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const body = Buffer.concat(chunks);
    const request = new Request(`${appUrl}${webhookPath}`, { method: "POST", headers, body });
    const response = await receiveWebhook(request);
    outgoing.writeHead(response.status).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}${webhookPath}`, stop };
}

/** Drops what was built from the environment variables, so that a changed variable takes effect. */
export function resetEnvCaches(): void {
  for (const name of ["env", "gateways.stripe", "gateways.stripe.prices"])
    Reflect.deleteProperty(globalThis, Symbol.for(`parley.${name}`));
}

/** Creates a user with a workspace on Free. */
export async function addCustomer(
  { db }: BillingTestEnv,
  email = `${newId()}@parley.example`,
): Promise<Customer> {
  const made = await createUser(db, { email, name: "Ada Lovelace", emailVerifiedAt: now() }, now());
  if (made === null) throw new Error("The email is taken.");
  return { ...made, memberRole: "owner" };
}

/** Pays on the hosted Checkout page without returning to our success page. @returns the session's id */
export async function payCheckout(customer: Customer, lookupKey: string, card = goodCard): Promise<string> {
  const { url } = await startCheckout(customer, lookupKey, now());
  const answer = await submitCard(url, card);
  if (answer.status !== 303) throw new Error(`Checkout answered ${answer.status}.`);
  const sessionId = new URL(answer.headers.get("location") ?? "").searchParams.get("session_id");
  if (sessionId === null) throw new Error("Checkout redirected without the session's id.");
  return sessionId;
}

/** Pays on the hosted Checkout page and returns to the success page. @returns the Stripe customer's id */
export async function subscribeThroughCheckout(
  testEnv: BillingTestEnv,
  customer: Customer,
  lookupKey: string,
  card = goodCard,
): Promise<string> {
  await finishCheckout(customer.workspaceId, await payCheckout(customer, lookupKey, card));
  return readStripeCustomerId(testEnv, customer);
}

/**
 * Creates a paid subscription through Stripe's API and syncs it once. The result equals the state after a
 * Checkout except for the session and its audit entry.
 * @returns the Stripe customer's id
 */
export async function subscribe(
  { stripe }: BillingTestEnv,
  { workspaceId }: Customer,
  lookupKey: string,
): Promise<string> {
  const customer = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, now()));
  const price = await findPriceByLookupKey(lookupKey);
  if (price === null) throw new Error(`Stripe has no price ${lookupKey}.`);
  const { id } = await stripe.paymentMethods.attach("pm_card_visa", { customer });
  const metadata = { workspace_id: workspaceId, lookup_key: lookupKey };
  const items = [{ price: price.id, quantity: 1 }];
  await stripe.subscriptions.create({ customer, items, default_payment_method: id, metadata });
  await syncCustomer(customer);
  return customer;
}

export async function readStripeCustomerId(
  { sql }: BillingTestEnv,
  { workspaceId }: Customer,
): Promise<string> {
  const [row] =
    await sql`select stripe_customer_id as id from billing_customers where workspace_id = ${workspaceId}`;
  return String(row?.id);
}

/** Reads a workspace's grants, ordered by start and source key. */
export function readGrants({ db }: BillingTestEnv, { workspaceId }: Customer) {
  return db
    .select()
    .from(grants)
    .where(eq(grants.workspaceId, workspaceId))
    .orderBy(grants.startsAt, grants.sourceKey);
}

export function readSubscriptionState({ db }: BillingTestEnv, { workspaceId }: Customer) {
  return readSubscription(db, workspaceId);
}

/** Lists a customer's Stripe events, oldest first. */
export async function listStripeEvents(
  { stripe }: BillingTestEnv,
  customerId: string,
): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) {
    const subject = Object.fromEntries(Object.entries(event.data.object));
    if (subject.customer === customerId || subject.id === customerId) events.unshift(event);
  }
  return events;
}

/** Posts a signed event to our webhook endpoint. */
export function postWebhook(
  testEnv: BillingTestEnv,
  event: unknown,
  options: { secret?: string; timestamp?: number; tamper?: boolean } = {},
): Promise<Response> {
  const payload = JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: options.secret ?? testEnv.secret,
    ...(options.timestamp !== undefined && { timestamp: options.timestamp }),
  });
  const body = options.tamper ? payload.replace("evt_", "evt-") : payload;
  return fetch(testEnv.webhookUrl, { method: "POST", headers: { "stripe-signature": signature }, body });
}
