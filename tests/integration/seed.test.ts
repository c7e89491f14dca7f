import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { verifyPassword } from "#lib/accounts/password.ts";
import { findUserByEmail } from "#lib/accounts/users.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { findLedgerErrors } from "#sandbox/seed/check-ledger.ts";
import { seed } from "#sandbox/seed/main.ts";
import { seedPassword, seedUsers } from "#sandbox/seed/seed-users.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const [name, value] of Object.entries({ ...testEnvironment, DATABASE_URL: database.url }))
    vi.stubEnv(name, value);
  expect(await seed()).toEqual({ users: seedUsers.length });
});
afterAll(() => database.drop());

async function findWorkspace(email: string): Promise<{ workspaceId: string; userId: string }> {
  const [row] = await database.sql<{ workspaceId: string; userId: string }[]>`
    select w.id as "workspaceId", u.id as "userId" from workspaces w join users u on u.id = w.personal_user_id
    where u.email = ${email}`;
  if (row === undefined) throw new Error(`${email} is not seeded`);
  return row;
}

test("running the seed again changes nothing", async () => {
  const count = async () =>
    database.sql`select (select count(*) from users) as users, (select count(*) from ledger_entries) as entries,
      (select count(*) from messages) as messages`;
  const before = await count();
  expect(await seed()).toEqual({ users: 0 });
  expect([...(await count())]).toEqual([...before]);
});

test("every demo user has a verified email and the documented password", async () => {
  for (const { email } of seedUsers) {
    const account = await findUserByEmail(database.db, email);
    expect(await verifyPassword(account?.passwordHash ?? null, seedPassword), email).toBe(true);
    expect(account?.emailVerifiedAt, email).not.toBeNull();
  }
});

test("the seeded ledger is consistent for every grant, workspace and day (M4)", async () => {
  expect(await findLedgerErrors(database.db)).toEqual([]);
  expect(await database.sql`select 1 from holds where state = 'held'`).toEqual([]);
  expect(await database.sql`select 1 from grants where expires_at < now() and remaining_micros <> 0`).toEqual(
    [],
  );
});

test("the ledger check finds a balance that is off by one micro-dollar", async () => {
  const { workspaceId } = await findWorkspace("free@parley.example");
  const wrong = database.db.transaction(async (tx) => {
    await tx.execute(
      `update balances set balance_micros = balance_micros + 1 where workspace_id = '${workspaceId}'`,
    );
    throw new Error((await findLedgerErrors(tx)).join());
  });
  await expect(wrong).rejects.toThrow(workspaceId);
});

test("the seed uses up Emma's allowance and leaves part of Finn's", async () => {
  const emma = await findWorkspace("empty@parley.example");
  const finn = await findWorkspace("free@parley.example");
  const left = await readBalance(database.db, emma.workspaceId, now());
  expect(left.availableMicros).toBeLessThan(100);
  expect(left.availableMicros).toBeGreaterThanOrEqual(0);
  expect((await readBalance(database.db, finn.workspaceId, now())).availableMicros).toBeGreaterThan(100_000);
});

test("the seeded usage covers five weeks and none of it is in the future", async () => {
  const [row] = await database.sql`
    select count(distinct day)::int as days, max(day) <= current_date as past from usage_daily`;
  expect(row?.days).toBeGreaterThan(30);
  expect(row?.past).toBe(true);
  expect(await database.sql`select 1 from openai_interactions where at > now()`).toEqual([]);
});

test("seeded conversations have alternating messages with a charge for every answer", async () => {
  const { workspaceId, userId } = await findWorkspace("ada@parley.example");
  const rows = await database.sql<{ id: string }[]>`select id from conversations where user_id = ${userId}`;
  expect(rows.length).toBe(5);
  for (const { id } of rows) {
    const conversation = await readConversation(database.db, workspaceId, userId, id);
    const answers = conversation.messages.filter((message) => message.role === "assistant");
    expect(answers.at(-1)?.id).toBe(conversation.activeLeafId);
    expect(conversation.messages.map((message) => message.role)).toEqual(
      answers.flatMap(() => ["user", "assistant"]),
    );
    for (const { receipt } of answers) expect(receipt?.chargedMicros).toBeGreaterThan(0);
  }
});

test("the seed refuses to run in production", async () => {
  const environment = env();
  Object.assign(environment, { APP_ENV: "production" });
  await expect(seed()).rejects.toThrow(/never for production/);
  Object.assign(environment, { APP_ENV: "test" });
});
