import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { auditLog, rateBuckets, sessions, users, workspaces } from "#db/schema/accounts.ts";
import { deleteUsers } from "#lib/accounts/deletion/delete-account.ts";
import { requireEmailConfirmation } from "#lib/accounts/email-verification.ts";
import { redeemMagicLink, requestMagicLink } from "#lib/accounts/magic-link.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { createUser } from "#lib/accounts/users.ts";
import { summarizeCredit } from "#lib/billing/entitlements/credit-summary.ts";
import { freeCreditDue } from "#lib/billing/entitlements/entitlements.ts";
import { type Balance, readBalance } from "#lib/usage/balance.ts";
import { takeHold } from "#lib/usage/holds.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import {
  accountPassword,
  errorOf,
  identityOf,
  newClient,
} from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { readEmailToken } from "#tests/integration/accounts/read-emails.ts";
import { rates } from "#tests/integration/usage/workspace.ts";

const at = new Date("2026-10-01T12:00:00Z");
const daysLater = (days: number) => new Date(at.getTime() + days * 86_400_000);
let database: TestDatabase;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function signUpNow(email: string) {
  const { claims } = await signUp({ email, password: accountPassword, origin: newClient() }, at);
  if (claims === null) throw new Error("Nobody was signed up.");
  return identityOf(claims, at);
}

it("S5: an unconfirmed account gets a starter once and no API key, a confirmed one the month's credit", async () => {
  const identity = await signUpNow("starter@person.example");
  const terms = { ...identity, emailConfirmed: identity.emailVerifiedAt !== null };
  expect(freeCreditDue(terms, at)).toMatchObject({ amountMicros: 50_000, sourceKey: "free:starter" });
  expect(freeCreditDue(terms, daysLater(40))?.sourceKey).toBe("free:starter");
  expect(() => requireEmailConfirmation(identity)).toThrow("Confirm your email first.");
  await database.db.update(users).set({ emailVerifiedAt: at }).where(eq(users.id, identity.userId));
  const confirmed = await identityOf(identity, at);
  expect(freeCreditDue({ ...confirmed, emailConfirmed: true }, at)).toMatchObject({
    amountMicros: 500_000,
    sourceKey: `free:${at.toISOString()}`,
  });
  expect(() => requireEmailConfirmation(confirmed)).not.toThrow();
});

it("S5, M9: the starter is a part of the month's free credit, and of no later month's", async () => {
  const identity = await signUpNow("part@person.example");
  const { workspaceId } = identity;
  const terms = { ...identity, emailConfirmed: false };
  const hold = async (emailConfirmed: boolean, moment: Date) => {
    const holdId = randomUUID();
    const subject = { holdId, subjectId: holdId, subjectKind: "generation" as const, model: "m" };
    const grant = freeCreditDue({ ...terms, emailConfirmed }, moment);
    const amounts = { amountMicros: 1, minimumMicros: 1, rates, at: moment, expiresAt: daysLater(100) };
    await takeHold(database.db, workspaceId, { ...subject, ...amounts, ...(grant !== null && { grant }) });
    return readBalance(database.db, workspaceId, moment);
  };
  const summaryOf = (balance: Balance, emailConfirmed: boolean) =>
    summarizeCredit(balance, { plan: "free", source: "free" }, identity.workspaceCreatedAt, daysLater(1), {
      ...{ emailConfirmed, freeCreditFrom: null },
    });
  const started = await hold(false, at);
  expect(started.availableMicros).toBe(50_000 - 1);
  expect(summaryOf(started, true)).toMatchObject({ amountMicros: 500_000, availableMicros: 500_000 - 1 });
  const confirmed = await hold(true, daysLater(1));
  expect(confirmed.availableMicros).toBe(500_000 - 2);
  expect(summaryOf(confirmed, true)).toMatchObject({ amountMicros: 500_000, pendingFreeGrant: null });
  expect((await hold(true, daysLater(40))).grants).toMatchObject([{ amountMicros: 500_000 }]);
});

it("S5: the month's free credit does not come again for the mailbox of a deleted account", async () => {
  const first = await signUpNow("again@gmail.com");
  await deleteUsers(first.workspaceId, daysLater(3));
  const user = { email: "a.gain+2@gmail.com", name: "Again", emailVerifiedAt: daysLater(3) };
  const second = await createUser(database.db, user, daysLater(3));
  const [row] = await database.db
    .select()
    .from(workspaces)
    .where(eq(workspaces.id, second?.workspaceId ?? ""));
  if (row === undefined) throw new Error("There is no workspace.");
  const { createdAt: workspaceCreatedAt, freeCreditFrom } = row;
  const terms = { workspaceCreatedAt, freeCreditFrom, emailConfirmed: true };
  expect(terms.freeCreditFrom).toEqual(new Date("2026-11-01T12:00:00Z"));
  expect(freeCreditDue(terms, daysLater(3))).toBeNull();
  expect(freeCreditDue(terms, daysLater(32))).toMatchObject({ amountMicros: 500_000 });
});

it("S5: a network gets 100 new accounts a day, by links too", async () => {
  const origin = newClient();
  await database.db
    .insert(rateBuckets)
    .values({ key: `signUp:day:${origin.network}`, tokens: 0, refilledAt: at });
  const input = { email: "hundredth@person.example", password: accountPassword, origin };
  expect(await errorOf(signUp(input, at))).toMatchObject({ code: "too_many_requests" });
  const email = "by-link@person.example";
  await requestMagicLink({ email, origin }, at);
  const secret = { token: await readEmailToken(database.db, email, /sign-in link/) };
  expect(await errorOf(redeemMagicLink({ secret, origin }, at))).toMatchObject({
    code: "too_many_requests",
  });
});

it("S20: session ids are random", async () => {
  const { sessionId } = await signUpNow("random@person.example");
  expect(sessionId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  expect(await database.db.$count(sessions, eq(sessions.id, sessionId))).toBe(1);
  expect(await database.db.$count(auditLog, eq(auditLog.target, sessionId))).toBe(1);
});
