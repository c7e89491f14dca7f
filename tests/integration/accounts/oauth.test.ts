import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { users } from "#db/schema/accounts.ts";
import { signInWithOAuth } from "#lib/accounts/oauth.ts";
import { readIdentity } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { markEmailVerified } from "#lib/accounts/users.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

const at = new Date("2026-10-01T12:00:00Z");
const password = "correct horse battery";
const origin = { network: "n", userAgent: null, deviceId: null, locale: "en" as const };
let database: TestDatabase;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function profile(providerAccountId: string, verifiedEmail: string | null) {
  return { provider: "github" as const, providerAccountId, verifiedEmail, name: "Grace Hopper" };
}

test("the first OAuth sign-in creates a verified account, and the next one uses it", async () => {
  const first = await signInWithOAuth(profile("1", "grace@person.example"), origin, at);
  const again = await signInWithOAuth(profile("1", "changed-there@person.example"), origin, at);
  expect(again.userId).toBe(first.userId);
  expect(await readIdentity(database.db, first, at)).toMatchObject({
    email: "grace@person.example",
    name: "Grace Hopper",
    emailVerifiedAt: at,
  });
});

test("an OAuth sign-in with an unverified address fails and creates nothing", async () => {
  const before = await database.db.$count(users);
  const attempt = signInWithOAuth(profile("2", null), origin, at);
  expect(await attempt.catch((error: unknown) => toPublicError(error).code)).toBe("forbidden");
  expect(await database.db.$count(users)).toBe(before);
});

test("an OAuth sign-in links a verified account, which keeps its password", async () => {
  const email = "joined@person.example";
  const { claims } = await signUp({ email, password, origin }, at);
  if (claims === null) throw new Error("Nobody was signed up.");
  await markEmailVerified(database.db, claims.userId, at);
  const joined = await signInWithOAuth(profile("3", email), origin, at);
  expect(joined.userId).toBe(claims.userId);
  expect(await readIdentity(database.db, claims, at)).not.toBeNull();
  await signInWithPassword({ email, password, origin }, at);
});

test("an OAuth sign-in takes over an unverified account", async () => {
  const email = "unverified@person.example";
  const { claims: firstClaims } = await signUp({ email, password, origin }, at);
  const owner = await signInWithOAuth(profile("4", email), origin, at);
  expect(owner.userId).toBe(firstClaims?.userId);
  expect(firstClaims && (await readIdentity(database.db, firstClaims, at))).toBeNull();
  const attempt = signInWithPassword({ email, password, origin }, at);
  expect(await attempt.catch((error: unknown) => toPublicError(error).code)).toBe("unauthenticated");
});

test("two concurrent first OAuth sign-ins create one account", async () => {
  const [left, right] = await Promise.all([
    signInWithOAuth(profile("5", "both@person.example"), origin, at),
    signInWithOAuth(profile("5", "both@person.example"), origin, at),
  ]);
  expect(left.userId).toBe(right.userId);
});
