import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startDeletion } from "#lib/accounts/delete-account.ts";
import { createSession, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { startTopUp } from "#lib/billing/checkout.ts";
import { processEvent, storeEvent } from "#lib/billing/inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { jobSchemas } from "#lib/core/queue.ts";
import { eventOf } from "#lib/gateways/stripe/event.ts";
import { deleteWorkspace, resumeDeletions } from "#lib/jobs/delete-workspace.ts";
import type { JobTable } from "#lib/jobs/registry.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { startWorker } from "#lib/jobs/worker.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  eventsOf,
  stripeCustomerOf,
  subscribe,
} from "#tests/integration/billing/billing-world.ts";

let world: BillingWorld;
let leaver: Customer & Identity;

beforeEach(async () => {
  world = await createBillingWorld();
  leaver = await signIn(await addCustomer(world));
});
afterEach(() => world.close());

/** Somebody with a device, as the settings page knows them. */
async function signIn(customer: Customer): Promise<Customer & Identity> {
  const claims = await createSession(world.db, { userId: customer.userId, userAgent: null }, now());
  const identity = await readIdentity(world.db, claims, now());
  if (identity === null) throw new Error("The session does not open.");
  return { ...identity, ...customer };
}

async function write(customer: Customer, text: string): Promise<void> {
  const { workspaceId, userId } = customer;
  const id = newId();
  await world.sql`
    insert into conversations (id, workspace_id, user_id, title, title_source, model, created_at, updated_at)
    values (${id}, ${workspaceId}, ${userId}, ${text}, 'named', 'gpt-5-mini', now(), now())`;
  await world.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, tokens, status, created_at)
    values (${newId()}, ${workspaceId}, ${id}, 'user', '[]', ${text}, 1, 'done', now())`;
}

/** Every place in our database where a text stands. */
async function placesOf(text: string): Promise<string[]> {
  const columns = await world.sql`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'jsonb') and is_generated = 'NEVER'`;
  const places: string[] = [];
  for (const { table, column } of columns) {
    const [found] = await world.sql`
      select 1 from ${world.sql(table)} where ${world.sql(column)}::text ilike ${`%${text}%`} limit 1`;
    if (found !== undefined) places.push(`${table}.${column}`);
  }
  return places;
}

async function subscriptionStates(customer: Customer): Promise<string[]> {
  const id = await stripeCustomerOf(world, customer);
  const { data } = await world.stripe.subscriptions.list({ customer: id, status: "all" });
  return data.map(({ status }) => status);
}

test("wound: account deleted, billing goes on: the subscription ends at Stripe, its customer is forgotten, and no page can be paid any more", async () => {
  const customerId = await subscribe(world, leaver, "pro_month");
  await startTopUp(leaver, "top_up_20", now());
  await startDeletion(leaver, leaver.email, now());
  await deleteWorkspace(leaver.workspaceId);
  expect(await subscriptionStates(leaver)).toEqual(["canceled"]);
  expect(await world.stripe.customers.retrieve(customerId)).toMatchObject({ deleted: true });
  const sessions = await world.stripe.checkout.sessions.list({ customer: customerId });
  expect(sessions.data.map(({ status }) => status).sort()).toEqual(["complete", "expired"]);
  const [row] = await world.sql`select status, ended_at from subscriptions`;
  expect(row).toMatchObject({ status: "canceled", ended_at: expect.anything() });
  await expect(startTopUp(leaver, "top_up_5", now())).rejects.toMatchObject({ code: "forbidden" });
});

test("what was written and who wrote it is gone from every table; the books stay, and still add up", async () => {
  const other = await addCustomer(world);
  const secret = "a garden of forking paths";
  await write(leaver, secret);
  await write(other, "somebody else's garden");
  const customerId = await subscribe(world, leaver, "pro_month");
  for (const event of await eventsOf(world, customerId)) await storeEvent(eventOf(event));
  const before = await world.sql`select kind, amount_micros from ledger_entries order by id`;
  expect(await placesOf(leaver.email)).toContain("stripe_events.payload");
  await startDeletion(leaver, leaver.email, now());
  await deleteWorkspace(leaver.workspaceId);
  // The letter that tells of it goes out, and is forgotten with the rest.
  await world.sql`update outgoing_mail set sent_at = now()`;
  await applyRetention(new Date(now().getTime() + 2 * 86_400_000));
  expect(await placesOf(leaver.email)).toEqual([]);
  expect(await placesOf(secret)).toEqual([]);
  expect(await placesOf("somebody else's garden")).toEqual(["conversations.title", "messages.content"]);
  expect(
    await world.sql`select kind, amount_micros from ledger_entries order by id limit ${before.length}`,
  ).toEqual(before);
  const [sums] = await world.sql`
    select (select coalesce(sum(amount_micros), 0) from ledger_entries where workspace_id = ${leaver.workspaceId})::text as ledger,
      (select balance_micros from balances where workspace_id = ${leaver.workspaceId})::text as balance,
      (select count(*)::int from invoices where workspace_id = ${leaver.workspaceId}) as invoices`;
  expect(sums?.ledger).toBe(sums?.balance);
  expect(sums?.invoices).toBe(1);
});

test("from the first moment of a deletion nobody comes in: sessions end, keys end, and the right password opens nothing", async () => {
  const { workspaceId, userId, sessionId } = leaver;
  await world.sql`
    insert into api_keys (id, workspace_id, created_by, name, prefix, key_hash, scopes, created_at)
    values (${newId()}, ${workspaceId}, ${userId}, 'robot', 'pk_', ${newId()}, '{chat}', now())`;
  await startDeletion(leaver, ` ${leaver.email.toUpperCase()} `, now());
  expect(await readIdentity(world.db, { userId, sessionId }, now())).toBeNull();
  const [key] = await world.sql`select revoked_at from api_keys`;
  expect(key?.revoked_at).not.toBeNull();
  const again = createSession(world.db, { userId, userAgent: null }, now());
  await expect(again).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a deletion needs the owner's own address, typed", async () => {
  await expect(startDeletion(leaver, "somebody@else.example", now())).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(startDeletion({ ...leaver, memberRole: "admin" }, leaver.email, now())).rejects.toMatchObject({
    code: "forbidden",
  });
  const [row] =
    await world.sql`select count(*)::int as n from workspaces where deletion_started_at is not null`;
  expect(row?.n).toBe(0);
});

test("while Stripe is away nothing is erased, and the job that waits finishes it afterwards", async () => {
  await write(leaver, "still here");
  await subscribe(world, leaver, "pro_month");
  // The SDK tries three times by itself; the outage is longer than the job's first attempt.
  await world.control("chaos", { failNextApi: 500, failNextApiTimes: 20 });
  await startDeletion(leaver, leaver.email, now());
  await expect(deleteWorkspace(leaver.workspaceId)).rejects.toMatchObject({ code: "billing_unavailable" });
  expect(await placesOf("still here")).toEqual(["conversations.title", "messages.content"]);
  expect(await subscriptionStates(leaver).catch(() => ["away"])).not.toContain("canceled");
  await world.control("chaos", { failNextApi: null, failNextApiTimes: 0 });
  const idle = Object.fromEntries(Object.keys(jobSchemas).map((name) => [name, async () => undefined]));
  const deletion: Partial<JobTable> = {
    "workspace.delete": ({ workspaceId }) => deleteWorkspace(workspaceId),
  };
  const table = { ...idle, ...deletion } as JobTable; // Every name is there: the keys are those of the schemas.
  const worker = await startWorker({ table, pulses: {} });
  try {
    await vi.waitFor(async () => expect(await placesOf("still here")).toEqual([]), {
      timeout: 20_000,
      interval: 100,
    });
    await vi.waitFor(
      async () => {
        const [row] = await world.sql`select deleted_at from workspaces where id = ${leaver.workspaceId}`;
        expect(row?.deleted_at).not.toBeNull();
      },
      { timeout: 20_000, interval: 100 },
    );
  } finally {
    await worker.stop();
  }
  expect(await subscriptionStates(leaver)).toEqual(["canceled"]);
});

test("a deletion that broke off anywhere goes on where it was, and twice is once", async () => {
  await write(leaver, "half gone");
  await subscribe(world, leaver, "pro_month");
  await startDeletion(leaver, leaver.email, now());
  // Done at Stripe, and never heard of: the answer was lost with the process.
  await world.control("chaos", { failNextApi: "timeout_after_effect" });
  await deleteWorkspace(leaver.workspaceId).catch(() => undefined);
  await world.sql`delete from pgboss.job where name = 'workspace.delete'`;
  await resumeDeletions();
  const [waiting] =
    await world.sql`select count(*)::int as n from pgboss.job where name = 'workspace.delete'`;
  const [row] = await world.sql`select deleted_at from workspaces where id = ${leaver.workspaceId}`;
  expect(waiting?.n).toBe(row?.deleted_at === null ? 1 : 0);
  await deleteWorkspace(leaver.workspaceId);
  await deleteWorkspace(leaver.workspaceId);
  expect(await placesOf("half gone")).toEqual([]);
  const [letters] =
    await world.sql`select count(*)::int as n from outgoing_mail where unique_key like 'deleted:%'`;
  const [lines] = await world.sql`select count(*)::int as n from audit_log where action = 'account.deleted'`;
  expect([letters?.n, lines?.n]).toEqual([1, 1]);
});

test("what Stripe tells of a workspace after its deletion is heard without a letter and without an error", async () => {
  const customerId = await subscribe(world, leaver, "pro_month");
  await startDeletion(leaver, leaver.email, now());
  await deleteWorkspace(leaver.workspaceId);
  const [before] = await world.sql`select count(*)::int as n from outgoing_mail`;
  for (const event of await eventsOf(world, customerId)) {
    await storeEvent(eventOf(event));
    await processEvent(event.id);
  }
  const [states] =
    await world.sql`select count(*)::int as n from stripe_events where customer_id = ${customerId} and state <> 'done'`;
  const [after] = await world.sql`select count(*)::int as n from outgoing_mail`;
  expect(states?.n).toBe(0);
  expect(after?.n).toBe(before?.n);
});
