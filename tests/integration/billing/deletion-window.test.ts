import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createApiKey, findApiKey } from "#lib/accounts/api-keys.ts";
import { startDueDeletions } from "#lib/accounts/deletion/delete-account.ts";
import { cancelDeletion, requestDeletion } from "#lib/accounts/deletion/request-deletion.ts";
import { createSession, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { resumeSubscription } from "#lib/billing/actions/cancel.ts";
import { startCheckout, startTopUp } from "#lib/billing/actions/checkout.ts";
import { enableOverage } from "#lib/billing/actions/overage-settings.ts";
import { now } from "#lib/core/clock.ts";
import { deleteWorkspace, stopRenewal } from "#lib/jobs/delete-workspace.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  readStripeCustomerId,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";

const dayMs = 86_400_000;
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

async function signIn(customer: Customer): Promise<Customer & Identity> {
  const claims = await createSession(testEnv.db, { userId: customer.userId, userAgent: null }, now());
  const identity = await readIdentity(testEnv.db, claims, now());
  if (identity === null) throw new Error("The session does not open.");
  return { ...customer, ...identity, memberRole: "owner" };
}

const readOwn = ({ userId, sessionId }: Identity) => readIdentity(testEnv.db, { userId, sessionId }, now());
const daysFromNow = (days: number) => new Date(now().getTime() + days * dayMs);

async function newKey(): Promise<string> {
  const key = { name: "robot", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  return (await createApiKey(testEnv.db, owner.workspaceId, owner.userId, key, now())).secret;
}

async function auditActions(): Promise<string[]> {
  const rows = await testEnv.sql<{ action: string }[]>`
    select action from audit_log where action like 'account.%' order by id`;
  return rows.map(({ action }) => action);
}

async function emailSubjects(): Promise<string[]> {
  const rows = await testEnv.sql<{ subject: string }[]>`
    select subject from outgoing_mail where to_address = ${owner.email} order by id`;
  return rows.map(({ subject }) => subject);
}

test("requesting a deletion ends keys and other sessions at once, keeps the current one, and says when", async () => {
  const other = await signIn(owner);
  const secret = await newKey();
  const dueAt = await requestDeletion(owner, owner.email, now());
  expect(dueAt.getTime() - now().getTime()).toBeGreaterThan(6.9 * dayMs);
  expect(await readOwn(other)).toBeNull();
  expect((await readOwn(owner))?.deletionDueAt).toEqual(dueAt);
  expect(await findApiKey(testEnv.db, secret, now())).toBeNull();
  await expect(newKey()).rejects.toMatchObject({ code: "conflict" });
  // Signing in again is how the owner cancels.
  expect((await signIn(owner)).deletionDueAt).toEqual(dueAt);
  // A repeated request moves nothing.
  expect(await requestDeletion(owner, owner.email, daysFromNow(2))).toEqual(dueAt);
  expect(await auditActions()).toEqual(["account.deletion_requested"]);
  expect((await emailSubjects()).filter((subject) => subject.includes("will be deleted on"))).toHaveLength(1);
});

test("a deletion starts after seven days, not before, and the email at its end is sent then", async () => {
  await requestDeletion(owner, owner.email, now());
  expect(await startDueDeletions(daysFromNow(6.9))).toBe(0);
  expect(await readOwn(owner)).not.toBeNull();
  expect(await startDueDeletions(daysFromNow(7))).toBe(1);
  expect(await startDueDeletions(daysFromNow(7))).toBe(0);
  expect(await readOwn(owner)).toBeNull();
  await expect(cancelDeletion(owner, daysFromNow(7))).rejects.toMatchObject({ code: "conflict" });
  await deleteWorkspace(owner.workspaceId);
  expect((await emailSubjects()).some((subject) => subject.includes("was deleted"))).toBe(true);
  const [left] = await testEnv.sql`select count(*)::int as count from users where id = ${owner.userId}`;
  expect(left?.count).toBe(0);
  expect(await auditActions()).toEqual([
    "account.deletion_requested",
    "account.deletion_started",
    "account.deleted",
  ]);
});

test("a canceled deletion does not start, and can be requested again", async () => {
  await requestDeletion(owner, owner.email, now());
  await cancelDeletion(owner, now());
  await cancelDeletion(owner, now());
  expect(await startDueDeletions(daysFromNow(30))).toBe(0);
  expect((await readOwn(owner))?.deletionDueAt).toBeNull();
  expect(await newKey()).toMatch(/^parley_sk_/);
  await requestDeletion(owner, owner.email, daysFromNow(1));
  expect(await auditActions()).toEqual([
    "account.deletion_requested",
    "account.deletion_canceled",
    "account.deletion_requested",
  ]);
  const subjects = await emailSubjects();
  expect(subjects.filter((subject) => subject.includes("won’t be deleted"))).toHaveLength(1);
  expect(subjects.filter((subject) => subject.includes("will be deleted on"))).toHaveLength(2);
});

test("only the owner requests and cancels a deletion", async () => {
  const admin = { ...owner, memberRole: "admin" as const };
  await expect(requestDeletion(admin, owner.email, now())).rejects.toMatchObject({ code: "forbidden" });
  await requestDeletion(owner, owner.email, now());
  await expect(cancelDeletion(admin, now())).rejects.toMatchObject({ code: "forbidden" });
  expect((await readOwn(owner))?.deletionDueAt).not.toBeNull();
});

test("a cancellation and the start of a deletion at the same moment have one winner", async () => {
  await requestDeletion(owner, owner.email, now());
  const [canceled, started] = await Promise.allSettled([
    cancelDeletion(owner, now()),
    startDueDeletions(daysFromNow(8)),
  ]);
  const [row] = await testEnv.sql`
    select deletion_started_at is not null as started, deletion_requested_at is not null as requested
    from workspaces where id = ${owner.workspaceId}`;
  expect(started.status).toBe("fulfilled");
  expect(row).toEqual(
    canceled.status === "fulfilled"
      ? { started: false, requested: false }
      : { started: true, requested: true },
  );
});

test("no new period is charged while a deletion waits, and its end cancels the plan", async () => {
  const customer = await subscribe(testEnv, owner, "pro_month");
  const paidInvoices = async () =>
    (await testEnv.stripe.invoices.list({ customer, status: "paid" })).data.length;
  await testEnv.travel(daysFromNow(25).toISOString());
  expect(await paidInvoices()).toBe(1);
  const identity = await signIn(owner);
  await requestDeletion(identity, owner.email, now());
  await stopRenewal(owner.workspaceId);
  await stopRenewal(owner.workspaceId);
  const [ending] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  expect(ending?.cancel_at_period_end).toBe(true);
  // The period ends on a day of the window.
  await testEnv.travel(daysFromNow(6.5).toISOString());
  expect(await paidInvoices()).toBe(1);
  expect((await testEnv.stripe.subscriptions.list({ customer, status: "all" })).data[0]?.status).toBe(
    "canceled",
  );
  await testEnv.travel(daysFromNow(1).toISOString());
  expect(await startDueDeletions(now())).toBe(1);
  await deleteWorkspace(owner.workspaceId);
  expect(await testEnv.stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
});

test("nothing is bought, renewed or enlarged while a deletion waits; after a cancellation the plan can be kept", async () => {
  await subscribe(testEnv, owner, "pro_month");
  await requestDeletion(owner, owner.email, now());
  await stopRenewal(owner.workspaceId);
  const refused = { code: "conflict" };
  await expect(startTopUp(owner, "top_up_5", now())).rejects.toMatchObject(refused);
  await expect(startCheckout(owner, "pro_month", now())).rejects.toMatchObject(refused);
  await expect(resumeSubscription(owner, now())).rejects.toMatchObject(refused);
  await expect(enableOverage(owner, 20_000_000, now())).rejects.toMatchObject(refused);
  await cancelDeletion(owner, now());
  const customer = await readStripeCustomerId(testEnv, owner);
  const isEnding = async () =>
    (await testEnv.stripe.subscriptions.list({ customer })).data[0]?.cancel_at_period_end;
  // Nobody is charged again without saying so.
  expect(await isEnding()).toBe(true);
  await resumeSubscription(owner, now());
  expect(await isEnding()).toBe(false);
});

test("the renewal of a plan is not touched when the deletion was canceled before the job ran", async () => {
  const customer = await subscribe(testEnv, owner, "pro_month");
  await requestDeletion(owner, owner.email, now());
  await cancelDeletion(owner, now());
  await stopRenewal(owner.workspaceId);
  expect((await testEnv.stripe.subscriptions.list({ customer })).data[0]?.cancel_at_period_end).toBe(false);
});
