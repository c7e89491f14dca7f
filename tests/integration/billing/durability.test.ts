import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { connect, pointDatabaseAt } from "#db/client.ts";
import { migrate } from "#db/migrate.ts";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { type RunningPostgres, startPostgres } from "#sandbox/postgres.ts";
import {
  addCustomer,
  type BillingWorld,
  createBillingWorld,
  eventsOf,
  grantsOf,
  pay,
  post,
  stripeCustomerOf,
} from "#tests/integration/billing/billing-world.ts";
import { type Gate, startGate } from "#tests/integration/billing/gate.ts";

/** What goes down under the product: its worker and its database, while Stripe goes on. */
const workerPath = fileURLToPath(new URL("../../../lib/jobs/worker.ts", import.meta.url));
const soon = { timeout: 90_000, interval: 100 };
let home: string;
let postgres: RunningPostgres;
let world: BillingWorld;
let gate: Gate;
let worker: GuardedProcess | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "parley-durability-"));
  await chmod(home, 0o711);
  postgres = await startPostgres({ dataDir: join(home, "data"), port: 0 });
  await migrate(postgres.url);
  const connection = connect(postgres.url, { max: 5 });
  pointDatabaseAt(connection);
  world = await createBillingWorld({
    ...connection,
    url: postgres.url,
    drop: () => connection.sql.end({ timeout: 5 }),
  });
  gate = await startGate(world.url);
}, 120_000);
afterEach(async () => {
  gate.release();
  await worker?.stop();
});
afterAll(async () => {
  await world.close();
  await gate.close();
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

/** `npm run worker` as a process of its own, once it takes jobs. Its way to Stripe leads through the gate. */
async function startWorker(): Promise<GuardedProcess> {
  const running = Promise.withResolvers<void>();
  const started = startGuarded({
    command: execPath,
    args: [workerPath],
    env: { ...process.env, STRIPE_API_BASE: gate.url, LOG_LEVEL: "info" },
    onLine: (line) => line.includes("The worker is running") && running.resolve(),
  });
  void started.exited.then(() => running.reject(new Error("The worker ended before it ran.")));
  await running.promise;
  return started;
}

async function restartDatabase(): Promise<void> {
  await postgres.stop();
  postgres = await startPostgres({ dataDir: join(home, "data"), port: postgres.port });
}

/** Somebody who has paid, of which the product has one event, and nothing else. */
async function hearOfPayment() {
  const customer = await addCustomer(world);
  await pay(customer, "pro_month");
  const stripeCustomerId = await stripeCustomerOf(world, customer);
  const event = (await eventsOf(world, stripeCustomerId)).find(({ type }) => type === "invoice.paid");
  if (event === undefined) throw new Error("Stripe has no event of the payment.");
  const tell = async () => expect((await post(world, event)).status).toBe(200);
  const expectOnce = async () => {
    await vi.waitFor(async () => {
      const [row] = await world.sql`select state from stripe_events where id = ${event.id}`;
      expect(row?.state).toBe("done");
    }, soon);
    const grants = await grantsOf(world, customer);
    expect(grants.filter(({ kind }) => kind === "allowance")).toHaveLength(1);
    const [sums] = await world.sql`
      select (select balance_micros from balances where workspace_id = ${customer.workspaceId})::bigint as balance,
        (select sum(amount_micros) from ledger_entries where workspace_id = ${customer.workspaceId})::bigint as entries`;
    expect(sums?.balance).toBe(sums?.entries);
  };
  return { tell, expectOnce, customer };
}

test("kill -9 in the middle of a sync: nothing is lost, nothing granted twice", async () => {
  const { tell, expectOnce, customer } = await hearOfPayment();
  worker = await startWorker();
  gate.hold(4);
  await tell();
  await vi.waitFor(() => expect(gate.waiting()).toBeGreaterThan(0), soon);
  worker.kill();
  await worker.exited;
  expect(await grantsOf(world, customer)).toEqual([]);
  gate.release();
  worker = await startWorker();
  await expectOnce();
}, 180_000);

test("a database that restarts between inbox and job loses neither", async () => {
  const { tell, expectOnce } = await hearOfPayment();
  await tell();
  await restartDatabase();
  worker = await startWorker();
  await expectOnce();
}, 180_000);

test("a database that restarts in the middle of a sync: the sync is made again, and grants once", async () => {
  const { tell, expectOnce, customer } = await hearOfPayment();
  worker = await startWorker();
  gate.hold(1);
  await tell();
  await vi.waitFor(() => expect(gate.waiting()).toBeGreaterThan(0), soon);
  await restartDatabase();
  gate.release();
  await expectOnce();
  expect(await grantsOf(world, customer)).toHaveLength(1);
}, 180_000);

test("events that come while the database is away are refused, so that Stripe sends them again", async () => {
  const { tell, expectOnce, customer } = await hearOfPayment();
  const { port } = postgres;
  await postgres.stop();
  await expect(tell()).rejects.toThrow();
  postgres = await startPostgres({ dataDir: join(home, "data"), port });
  expect(await grantsOf(world, customer)).toEqual([]);
  await tell();
  worker = await startWorker();
  await expectOnce();
}, 180_000);
