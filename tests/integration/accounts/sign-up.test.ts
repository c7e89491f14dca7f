import { parseOptions } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { members, sessions, users, workspaces } from "#db/schema/accounts.ts";
import { balances } from "#db/schema/usage.ts";
import { readIdentity } from "#lib/accounts/sessions.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { listEmails } from "#tests/integration/accounts/read-emails.ts";

const at = new Date("2026-10-01T12:00:00Z");
const password = "correct horse battery";
let database: TestDatabase;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function from(network: string) {
  return { network, userAgent: "test", deviceId: null, locale: "en" as const };
}

async function countRows(table: typeof users | typeof workspaces | typeof members | typeof balances) {
  const [row] = await database.db.select({ count: sql<number>`count(*)::int` }).from(table);
  return row?.count;
}

test("a new user gets a session and a personal workspace immediately", async () => {
  const { claims } = await signUp({ email: "new@person.example", password, origin: from("a") }, at);
  const identity = claims && (await readIdentity(database.db, claims, at));
  expect(identity).toMatchObject({
    email: "new@person.example",
    name: "New",
    role: "user",
    memberRole: "owner",
    emailVerifiedAt: null,
  });
  const [email] = await listEmails(database.db, "new@person.example");
  expect(email?.subject).toMatch(/^Confirm your email/);
});

test("passwords are stored with argon2id, 19 MiB, two passes and one thread", async () => {
  await signUp({ email: "hash@person.example", password, origin: from("b") }, at);
  const [user] = await database.db
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(sql`email = 'hash@person.example'`);
  expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$/);
  expect(parseOptions(user?.passwordHash ?? "")).toMatchObject({
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
  });
});

test("repeated sign-ups create one user and a session each", async () => {
  const before = await countRows(users);
  const input = { email: "twice@person.example", password, origin: from("c") };
  const results = await Promise.all(Array.from({ length: 5 }, () => signUp(input, at)));
  expect(results.every(({ claims }) => claims !== null)).toBe(true);
  expect(new Set(results.map(({ claims }) => claims?.userId)).size).toBe(1);
  expect(await countRows(users)).toBe((before ?? 0) + 1);
  expect(await countRows(workspaces)).toBe(await countRows(users));
  expect(await countRows(members)).toBe(await countRows(users));
  expect(await countRows(balances)).toBe(await countRows(users));
  const emails = await listEmails(database.db, "twice@person.example");
  expect(emails).toHaveLength(1);
});

test("a sign-up with a taken address and another password changes nothing and emails the owner once", async () => {
  const email = "owner@person.example";
  await signUp({ email, password, origin: from("d") }, at);
  const before = await database.db.select().from(users).where(sql`email = ${email}`);
  for (let attempt = 0; attempt < 2; attempt++) {
    const result = await signUp({ email, password: "another password", origin: from("e") }, at);
    expect(result).toEqual({ claims: null });
  }
  expect(await database.db.select().from(users).where(sql`email = ${email}`)).toEqual(before);
  const emails = await listEmails(database.db, email);
  expect(emails.filter(({ subject }) => /already have/.test(subject))).toHaveLength(1);
});

test("after many sign-ups of a network, new and taken addresses get the same response", async () => {
  const taken = "taken@person.example";
  await signUp({ email: taken, password, origin: from("f") }, at);
  for (let count = 0; count < 30; count++) {
    await signUp({ email: `scan${count}@person.example`, password, origin: from("scanner") }, at);
  }
  const responses = [];
  for (const [email, guess] of [
    ["fresh@person.example", password],
    [taken, password],
    [taken, "wrong password"],
  ] as const) {
    const startedAt = performance.now();
    const result = await signUp({ email, password: guess, origin: from("scanner") }, at);
    responses.push({ result, isDelayed: performance.now() - startedAt >= 590 });
  }
  expect(responses).toEqual(Array.from({ length: 3 }, () => ({ result: { claims: null }, isDelayed: true })));
  const fresh = await listEmails(database.db, "fresh@person.example");
  expect(fresh).toHaveLength(1);
});

test("a sign-up that must be completed by email creates no session", async () => {
  const rows = await database.db
    .select({ id: sessions.id })
    .from(sessions)
    .innerJoin(users, sql`${users.id} = ${sessions.userId}`)
    .where(sql`${users.email} = 'fresh@person.example'`);
  expect(rows).toEqual([]);
});
