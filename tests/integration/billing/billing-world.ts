import { createServer, type Server } from "node:http";
import { eq } from "drizzle-orm";
import Stripe from "stripe";
import { vi } from "vitest";
import { POST as receiveWebhook } from "#app/api/webhooks/stripe/route.ts";
import { grants } from "#db/schema/usage.ts";
import { createUser } from "#lib/accounts/users.ts";
import { finishCheckout, startCheckout } from "#lib/billing/checkout.ts";
import { processEvent } from "#lib/billing/inbox.ts";
import { readSubscription } from "#lib/billing/read.ts";
import { reconcileCustomer } from "#lib/billing/reconcile/reconcile-customer.ts";
import { sweepBilling } from "#lib/billing/reconcile/sweep.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { syncCatalogue } from "#lib/billing/sync-catalogue.ts";
import { now, shiftClock } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { jobSchemas } from "#lib/core/queue.ts";
import type { JobTable } from "#lib/jobs/registry.ts";
import { startWorker, type Worker } from "#lib/jobs/worker.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { startSandbox, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

export type Customer = {
  userId: string;
  workspaceId: string;
  memberRole: "owner";
};

export const goodCard = "4242424242424242";
export const webhookPath = "/api/webhooks/stripe";
const appUrl = "http://localhost:3000";

/**
 * A database, the Stripe sandbox on the wire with our catalogue, and our webhook endpoint behind real HTTP. Webhooks are
 * registered with Stripe only where a test asks for them; jobs run only where a test starts a worker.
 * @param own a migrated database of the test's own, for one that ends the server under it
 */
export async function createBillingWorld(own?: TestDatabase) {
  const database = own ?? (await createTestDatabase());
  const sandbox = await startSandbox();
  const endpoint = await serveWebhook();
  const registered = await sandbox.stripe.webhookEndpoints.create({
    url: endpoint.url,
    enabled_events: ["*"],
  });
  const secret = registered.secret ?? "";
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  vi.stubEnv("APP_URL", appUrl);
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("STRIPE_SECRET_KEY", "sk_test_sandbox000000000000");
  vi.stubEnv("STRIPE_API_BASE", sandbox.url);
  vi.stubEnv("STRIPE_WEBHOOK_SECRET", secret);
  resetEnvironment();
  await syncCatalogue({ dryRun: false, report: () => {} });
  await sandbox.control("chaos", { drop: true });
  let worker: Worker | undefined;

  return {
    ...database,
    ...sandbox,
    secret,
    webhookUrl: endpoint.url,

    /** Stripe delivers from now on. */
    deliver: () => sandbox.control("chaos", { drop: false }),

    async startJobs(): Promise<void> {
      worker = await startWorker({ connectionString: database.url, table: billingJobs(), pulses: {} });
    },

    /** Moves Stripe's time and ours. */
    async travel(to: string): Promise<void> {
      await sandbox.control("clock/advance", { to });
      shiftClock(Date.parse(to) - Date.now());
    },

    async close(): Promise<void> {
      shiftClock(0);
      await worker?.stop();
      await endpoint.stop();
      await sandbox.stop();
      await database.drop();
      vi.unstubAllEnvs();
    },
  };
}

export type BillingWorld = Awaited<ReturnType<typeof createBillingWorld>>;

/** The jobs of this room; every other does nothing. */
function billingJobs(): JobTable {
  const table = Object.fromEntries(Object.keys(jobSchemas).map((name) => [name, async () => undefined]));
  const ours: Partial<JobTable> = {
    "stripe.event": ({ eventId }) => processEvent(eventId),
    "billing.sync": ({ customerId }) => syncCustomer(customerId),
    "billing.reconcile": ({ customerId, mode }) => reconcileCustomer(customerId, { mode }),
    "billing.sweep": ({ mode }) => sweepBilling(mode),
  };
  return { ...table, ...ours } as JobTable; // Every name is there: the keys are those of the schemas.
}

/** Our route handler behind a real port, as Next.js would call it. */
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

/** Lets the next reader see what a test has changed in the environment: what was made from it is made again. */
export function resetEnvironment(): void {
  for (const name of ["env", "gateways.stripe", "gateways.stripe.prices"])
    Reflect.deleteProperty(globalThis, Symbol.for(`parley.${name}`));
}

/** Somebody with a workspace of their own, on Free. */
export async function addCustomer(
  { db }: BillingWorld,
  email = `${newId()}@parley.example`,
): Promise<Customer> {
  const made = await createUser(db, { email, name: "Ada Lovelace" }, now());
  if (made === null) throw new Error("The address was taken.");
  return { ...made, memberRole: "owner" };
}

/** Goes to Checkout and pays; does not come back to our page. @returns the session's id */
export async function pay(customer: Customer, lookupKey: string, card = goodCard): Promise<string> {
  const { url } = await startCheckout(customer, lookupKey, now());
  const answer = await submitCard(url, card);
  if (answer.status !== 303) throw new Error(`Checkout answered ${answer.status}.`);
  const sessionId = new URL(answer.headers.get("location") ?? "").searchParams.get("session_id");
  if (sessionId === null) throw new Error("Checkout led back without the session's id.");
  return sessionId;
}

/** Pays and comes back to the success page. @returns the Stripe customer's id */
export async function subscribe(
  world: BillingWorld,
  customer: Customer,
  lookupKey: string,
  card = goodCard,
): Promise<string> {
  await finishCheckout(customer.workspaceId, await pay(customer, lookupKey, card));
  return stripeCustomerOf(world, customer);
}

export async function stripeCustomerOf({ sql }: BillingWorld, { workspaceId }: Customer): Promise<string> {
  const [row] =
    await sql`select stripe_customer_id as id from billing_customers where workspace_id = ${workspaceId}`;
  return String(row?.id);
}

/** The credit that was granted, in the order of its time. */
export function grantsOf({ db }: BillingWorld, { workspaceId }: Customer) {
  return db
    .select()
    .from(grants)
    .where(eq(grants.workspaceId, workspaceId))
    .orderBy(grants.startsAt, grants.sourceKey);
}

export function subscriptionStateOf({ db }: BillingWorld, { workspaceId }: Customer) {
  return readSubscription(db, workspaceId);
}

/** Every event that Stripe holds of a customer, oldest first. */
export async function eventsOf({ stripe }: BillingWorld, customerId: string): Promise<Stripe.Event[]> {
  const events: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ limit: 100 })) {
    const subject = Object.fromEntries(Object.entries(event.data.object));
    if (subject.customer === customerId || subject.id === customerId) events.unshift(event);
  }
  return events;
}

/** Posts an event to our endpoint as Stripe does. */
export function post(
  world: BillingWorld,
  event: unknown,
  options: { secret?: string; timestamp?: number; tamper?: boolean } = {},
): Promise<Response> {
  const payload = JSON.stringify(event);
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: options.secret ?? world.secret,
    ...(options.timestamp !== undefined && { timestamp: options.timestamp }),
  });
  const body = options.tamper ? payload.replace("evt_", "evt-") : payload;
  return fetch(world.webhookUrl, { method: "POST", headers: { "stripe-signature": signature }, body });
}
