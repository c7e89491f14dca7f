import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { prepareDatabase } from "#lib/jobs/prepare-database.ts";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { type RunningPostgres, startPostgres } from "#sandbox/postgres.ts";
import {
  addCustomer,
  type BillingTestEnv,
  listStripeEvents,
  payCheckout,
  postWebhook,
  readGrants,
  readStripeCustomerId,
  startBillingTestEnv,
} from "#tests/integration/billing/billing-test-env.ts";
import { type StripeProxy, startStripeProxy } from "#tests/integration/billing/stripe-proxy.ts";

const workerPath = fileURLToPath(new URL("../../../lib/jobs/worker.ts", import.meta.url));
const waitOptions = { timeout: 90_000, interval: 100 };
let home: string;
let postgres: RunningPostgres;
let testEnv: BillingTestEnv;
let stripeProxy: StripeProxy;
let worker: GuardedProcess | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "parley-durability-"));
  await chmod(home, 0o711);
  postgres = await startPostgres({ dataDir: join(home, "data"), port: 0 });
  await prepareDatabase(postgres.url, postgres.appUrl);
  const connection = connect(postgres.appUrl, { max: 5 });
  pointDatabaseAt(connection);
  testEnv = await startBillingTestEnv({
    ...connection,
    url: postgres.appUrl,
    ownerUrl: postgres.url,
    adminUrl: postgres.url,
    drop: () => connection.sql.end({ timeout: 5 }),
  });
  stripeProxy = await startStripeProxy(testEnv.url);
}, 120_000);
afterEach(async () => {
  stripeProxy.resume();
  await worker?.stop();
});
afterAll(async () => {
  await testEnv.close();
  await stripeProxy.close();
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

/** Starts `npm run worker` as a process that calls Stripe through the proxy. Resolves when it takes jobs. */
async function startWorker(): Promise<GuardedProcess> {
  const running = Promise.withResolvers<void>();
  const started = startGuarded({
    command: execPath,
    args: [workerPath],
    env: {
      ...process.env,
      MIGRATION_DATABASE_URL: postgres.url,
      STRIPE_API_BASE: stripeProxy.url,
      LOG_LEVEL: "info",
    },
    onLine: (line) => line.includes("The worker is running") && running.resolve(),
  });
  void started.exited.then(() => running.reject(new Error("The worker ended before it ran.")));
  await running.promise;
  return started;
}

/** Lets the heartbeats of interrupted jobs expire at once instead of after 15 seconds. */
async function expireHeartbeats(): Promise<void> {
  await testEnv.sql`update pgboss.job set heartbeat_on = heartbeat_on - interval '1 minute' where state = 'active'`;
}

async function restartDatabase(): Promise<void> {
  await postgres.stop();
  postgres = await startPostgres({ dataDir: join(home, "data"), port: postgres.port });
}

/** Creates a customer who has paid and whose payment was not synced yet. */
async function payWithoutSync() {
  const customer = await addCustomer(testEnv);
  await payCheckout(customer, "pro_month");
  const stripeCustomerId = await readStripeCustomerId(testEnv, customer);
  const event = (await listStripeEvents(testEnv, stripeCustomerId)).find(
    ({ type }) => type === "invoice.paid",
  );
  if (event === undefined) throw new Error("Stripe has no event of the payment.");
  const deliverEvent = async () => expect((await postWebhook(testEnv, event)).status).toBe(200);
  const expectGrantedOnce = async () => {
    await vi.waitFor(async () => {
      // A retry is due at once instead of after its delay.
      await testEnv.sql`update pgboss.job set start_after = now() where state = 'retry' and start_after > now()`;
      const [row] = await testEnv.sql`select state from stripe_events where id = ${event.id}`;
      expect(row?.state).toBe("done");
    }, waitOptions);
    const grants = await readGrants(testEnv, customer);
    expect(grants.filter(({ kind }) => kind === "allowance")).toHaveLength(1);
    const [sums] = await testEnv.sql`
      select (select balance_micros from balances where workspace_id = ${customer.workspaceId})::bigint as balance,
        (select sum(amount_micros) from ledger_entries where workspace_id = ${customer.workspaceId})::bigint as entries`;
    expect(sums?.balance).toBe(sums?.entries);
  };
  return { deliverEvent, expectGrantedOnce, customer };
}

test("killing the worker during a sync loses nothing and grants nothing twice", async () => {
  const { deliverEvent, expectGrantedOnce, customer } = await payWithoutSync();
  worker = await startWorker();
  stripeProxy.pause(4);
  await deliverEvent();
  await vi.waitFor(() => expect(stripeProxy.pausedCount()).toBeGreaterThan(0), waitOptions);
  worker.kill();
  await worker.exited;
  expect(await readGrants(testEnv, customer)).toEqual([]);
  stripeProxy.resume();
  await expireHeartbeats();
  worker = await startWorker();
  await expectGrantedOnce();
}, 180_000);

test("a database restart between storing an event and running its job loses neither", async () => {
  const { deliverEvent, expectGrantedOnce } = await payWithoutSync();
  await deliverEvent();
  await restartDatabase();
  worker = await startWorker();
  await expectGrantedOnce();
}, 180_000);

test("a sync interrupted by a database restart is retried and grants once", async () => {
  const { deliverEvent, expectGrantedOnce, customer } = await payWithoutSync();
  worker = await startWorker();
  stripeProxy.pause(1);
  await deliverEvent();
  await vi.waitFor(() => expect(stripeProxy.pausedCount()).toBeGreaterThan(0), waitOptions);
  await restartDatabase();
  stripeProxy.resume();
  await expireHeartbeats();
  await expectGrantedOnce();
  expect(await readGrants(testEnv, customer)).toHaveLength(1);
}, 180_000);

test("webhooks are rejected while the database is down, so that Stripe retries them", async () => {
  const { deliverEvent, expectGrantedOnce, customer } = await payWithoutSync();
  const { port } = postgres;
  await postgres.stop();
  await expect(deliverEvent()).rejects.toThrow();
  postgres = await startPostgres({ dataDir: join(home, "data"), port });
  expect(await readGrants(testEnv, customer)).toEqual([]);
  await deliverEvent();
  worker = await startWorker();
  await expectGrantedOnce();
}, 180_000);
