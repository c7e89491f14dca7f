import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { startDueDeletions } from "#lib/accounts/deletion/delete-account.ts";
import { requestDeletion } from "#lib/accounts/deletion/request-deletion.ts";
import { createSession, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { startTopUp } from "#lib/billing/actions/checkout.ts";
import { processEvent, storeEvent } from "#lib/billing/sync/webhook-inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { toEvent } from "#lib/gateways/stripe/events/event.ts";
import { deleteWorkspace, resumeDeletions } from "#lib/jobs/delete-workspace.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { startWorker } from "#lib/jobs/worker.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  listStripeEvents,
  readStripeCustomerId,
  startBillingTestEnv,
  subscribe,
  subscribeThroughCheckout,
} from "#tests/integration/billing/billing-test-env.ts";

let testEnv: BillingTestEnv;
let owner: Customer & Identity;

beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
beforeEach(async () => {
  await testEnv.reset();
  owner = await signIn(await addCustomer(testEnv));
});
afterAll(() => testEnv.close());

/** Requests a deletion and lets its window pass. */
async function startDeletion(identity: Identity, typedEmail: string, at: Date): Promise<void> {
  const dueAt = await requestDeletion(identity, typedEmail, at);
  await startDueDeletions(dueAt);
}

/** Creates a session for the customer and returns its identity. */
async function signIn(customer: Customer): Promise<Customer & Identity> {
  const claims = await createSession(testEnv.db, { userId: customer.userId, userAgent: null }, now());
  const identity = await readIdentity(testEnv.db, claims, now());
  if (identity === null) throw new Error("The session does not open.");
  return { ...identity, ...customer };
}

async function write(customer: Customer, text: string): Promise<void> {
  const { workspaceId, userId } = customer;
  const id = newId();
  await testEnv.sql`
    insert into conversations (id, workspace_id, user_id, title, title_source, model, created_at, updated_at)
    values (${id}, ${workspaceId}, ${userId}, ${text}, 'named', 'gpt-5-mini', now(), now())`;
  await testEnv.sql`
    insert into messages (id, workspace_id, conversation_id, role, parts, content, tokens, status, created_at)
    values (${newId()}, ${workspaceId}, ${id}, 'user', '[]', ${text}, 1, 'done', now())`;
}

/** Lists every column of the database that contains a text. */
async function findColumnsWith(text: string): Promise<string[]> {
  const columns = await testEnv.sql`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = 'public' and data_type in ('text', 'jsonb') and is_generated = 'NEVER'
    order by table_name, column_name`;
  const places: string[] = [];
  for (const { table, column } of columns) {
    const [found] = await testEnv.sql`
      select 1 from ${testEnv.sql(table)} where ${testEnv.sql(column)}::text ilike ${`%${text}%`} limit 1`;
    if (found !== undefined) places.push(`${table}.${column}`);
  }
  return places;
}

async function subscriptionStates(customer: Customer): Promise<string[]> {
  const id = await readStripeCustomerId(testEnv, customer);
  const { data } = await testEnv.stripe.subscriptions.list({ customer: id, status: "all" });
  return data.map(({ status }) => status);
}

test("known failure mode: account deleted, billing goes on: a deletion cancels the subscription, deletes the customer and expires open sessions", async () => {
  const customerId = await subscribeThroughCheckout(testEnv, owner, "pro_month");
  await startTopUp(owner, "top_up_20", now());
  await startDeletion(owner, owner.email, now());
  await deleteWorkspace(owner.workspaceId);
  expect(await subscriptionStates(owner)).toEqual(["canceled"]);
  expect(await testEnv.stripe.customers.retrieve(customerId)).toMatchObject({ deleted: true });
  const sessions = await testEnv.stripe.checkout.sessions.list({ customer: customerId });
  expect(sessions.data.map(({ status }) => status).sort()).toEqual(["complete", "expired"]);
  const [row] = await testEnv.sql`select status, ended_at from subscriptions`;
  expect(row).toMatchObject({ status: "canceled", ended_at: expect.anything() });
  await expect(startTopUp(owner, "top_up_5", now())).rejects.toMatchObject({ code: "forbidden" });
});

test("a deletion removes personal data and content from every table and keeps a consistent ledger", async () => {
  const other = await addCustomer(testEnv);
  const secret = "a garden of forking paths";
  await write(owner, secret);
  await write(other, "another user's garden");
  const customerId = await subscribe(testEnv, owner, "pro_month");
  for (const event of await listStripeEvents(testEnv, customerId)) await storeEvent(toEvent(event));
  const before = await testEnv.sql`select kind, amount_micros from ledger_entries order by id`;
  expect(await findColumnsWith(owner.email)).toContain("stripe_events.payload");
  await startDeletion(owner, owner.email, now());
  await deleteWorkspace(owner.workspaceId);
  // The confirmation email is sent, and retention deletes it.
  await testEnv.sql`update outgoing_mail set sent_at = now()`;
  await applyRetention(new Date(now().getTime() + 2 * 86_400_000));
  expect(await findColumnsWith(owner.email)).toEqual([]);
  expect(await findColumnsWith(secret)).toEqual([]);
  expect(await findColumnsWith("another user's garden")).toEqual(["conversations.title", "messages.content"]);
  expect(
    await testEnv.sql`select kind, amount_micros from ledger_entries order by id limit ${before.length}`,
  ).toEqual(before);
  const [sums] = await testEnv.sql`
    select (select coalesce(sum(amount_micros), 0) from ledger_entries where workspace_id = ${owner.workspaceId})::text as ledger,
      (select balance_micros from balances where workspace_id = ${owner.workspaceId})::text as balance,
      (select count(*)::int from invoices where workspace_id = ${owner.workspaceId}) as invoices`;
  expect(sums?.ledger).toBe(sums?.balance);
  expect(sums?.invoices).toBe(1);
});

test("starting a deletion ends all sessions and keys and prevents new sign-ins", async () => {
  const { workspaceId, userId, sessionId } = owner;
  await testEnv.sql`
    insert into api_keys (id, workspace_id, created_by, name, prefix, key_hash, scopes, created_at)
    values (${newId()}, ${workspaceId}, ${userId}, 'robot', 'pk_', ${newId()}, '{chat}', now())`;
  await startDeletion(owner, ` ${owner.email.toUpperCase()} `, now());
  expect(await readIdentity(testEnv.db, { userId, sessionId }, now())).toBeNull();
  const [key] = await testEnv.sql`select revoked_at from api_keys`;
  expect(key?.revoked_at).not.toBeNull();
  const again = createSession(testEnv.db, { userId, userAgent: null }, now());
  await expect(again).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a deletion requires the owner to type their own email", async () => {
  await expect(startDeletion(owner, "somebody@else.example", now())).rejects.toMatchObject({
    code: "invalid_input",
  });
  await expect(startDeletion({ ...owner, memberRole: "admin" }, owner.email, now())).rejects.toMatchObject({
    code: "forbidden",
  });
  const [row] =
    await testEnv.sql`select count(*)::int as n from workspaces where deletion_requested_at is not null`;
  expect(row?.n).toBe(0);
});

test("a deletion deletes nothing while Stripe is unavailable, and its job completes afterwards", async () => {
  await write(owner, "still here");
  await subscribe(testEnv, owner, "pro_month");
  // The SDK tries three times; the outage lasts longer than the job's first attempt.
  await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 20 });
  await startDeletion(owner, owner.email, now());
  await expect(deleteWorkspace(owner.workspaceId)).rejects.toMatchObject({ code: "billing_unavailable" });
  expect(await findColumnsWith("still here")).toEqual(["conversations.title", "messages.content"]);
  expect(await subscriptionStates(owner).catch(() => ["away"])).not.toContain("canceled");
  await testEnv.control("chaos", { failNextApi: null, failNextApiTimes: 0 });
  const worker = await startWorker({
    handlers: { "workspace.delete": ({ workspaceId }) => deleteWorkspace(workspaceId) },
    intervalTasks: {},
  });
  try {
    await vi.waitFor(async () => expect(await findColumnsWith("still here")).toEqual([]), {
      timeout: 20_000,
      interval: 100,
    });
    await vi.waitFor(
      async () => {
        const [row] = await testEnv.sql`select deleted_at from workspaces where id = ${owner.workspaceId}`;
        expect(row?.deleted_at).not.toBeNull();
      },
      { timeout: 20_000, interval: 100 },
    );
  } finally {
    await worker.stop();
  }
  expect(await subscriptionStates(owner)).toEqual(["canceled"]);
});

test("an interrupted deletion resumes, and repeating it changes nothing", async () => {
  await write(owner, "half gone");
  await subscribe(testEnv, owner, "pro_month");
  await startDeletion(owner, owner.email, now());
  // Stripe has executed the call, but its response was lost with the process.
  await testEnv.control("chaos", { failNextApi: "timeout_after_effect" });
  await deleteWorkspace(owner.workspaceId).catch(() => undefined);
  await testEnv.sql`delete from pgboss.job where name = 'workspace.delete'`;
  await resumeDeletions();
  const [waiting] =
    await testEnv.sql`select count(*)::int as n from pgboss.job where name = 'workspace.delete'`;
  const [row] = await testEnv.sql`select deleted_at from workspaces where id = ${owner.workspaceId}`;
  expect(waiting?.n).toBe(row?.deleted_at === null ? 1 : 0);
  await deleteWorkspace(owner.workspaceId);
  await deleteWorkspace(owner.workspaceId);
  expect(await findColumnsWith("half gone")).toEqual([]);
  const [emails] =
    await testEnv.sql`select count(*)::int as n from outgoing_mail where unique_key like 'deleted:%'`;
  const [lines] =
    await testEnv.sql`select count(*)::int as n from audit_log where action = 'account.deleted'`;
  expect([emails?.n, lines?.n]).toEqual([1, 1]);
});

test("events of a deleted workspace are processed without an email or an error", async () => {
  const customerId = await subscribe(testEnv, owner, "pro_month");
  await startDeletion(owner, owner.email, now());
  await deleteWorkspace(owner.workspaceId);
  const [before] = await testEnv.sql`select count(*)::int as n from outgoing_mail`;
  for (const event of await listStripeEvents(testEnv, customerId)) {
    await storeEvent(toEvent(event));
    await processEvent(event.id);
  }
  const [states] =
    await testEnv.sql`select count(*)::int as n from stripe_events where customer_id = ${customerId} and state <> 'done'`;
  const [after] = await testEnv.sql`select count(*)::int as n from outgoing_mail`;
  expect(states?.n).toBe(0);
  expect(after?.n).toBe(before?.n);
});
