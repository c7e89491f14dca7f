import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { auditLog, sessions, users } from "#db/schema/accounts.ts";
import { createSession, readIdentity } from "#lib/accounts/sessions.ts";
import {
  proveIdentity,
  readProofMethods,
  requestProofCode,
  requireFreshProof,
} from "#lib/accounts/step-up.ts";
import { setPasswordHash } from "#lib/accounts/users.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import {
  accountPassword,
  addTotp,
  errorOf,
  identityOf,
  newAccount,
  newClient,
} from "#tests/integration/accounts/account-fixtures.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { listEmails } from "#tests/integration/accounts/read-emails.ts";

const at = new Date("2026-10-01T12:00:00Z");
const minutesLater = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
const hoursLater = (hours: number) => minutesLater(hours * 60);
const daysLater = (days: number) => hoursLater(days * 24);
let database: TestDatabase;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const check = async (claims: { userId: string; sessionId: string }, when: Date) =>
  requireFreshProof(await identityOf(claims, when), when);

async function readEmailedCode(email: string): Promise<string> {
  const [newest] = await listEmails(database.db, email);
  return newest?.text.match(/\d{4} \d{4}/)?.[0] ?? "";
}

describe("S15: a fresh proof of identity", () => {
  it("S15: the sign-in counts for ten minutes, a password for ten more, in this session only", async () => {
    const identity = await newAccount(at);
    const other = await createSession(database.db, { userId: identity.userId, userAgent: null }, at);
    await check(identity, minutesLater(10));
    expect(await errorOf(check(identity, minutesLater(11)))).toMatchObject({
      code: "step_up_required",
      status: 403,
    });
    const later = minutesLater(20);
    expect(
      await errorOf(proveIdentity(identity, { password: "wrong password" }, newClient(), later)),
    ).toMatchObject({ fields: [{ path: "password" }] });
    await proveIdentity(identity, { password: accountPassword }, newClient(), later);
    await check(identity, minutesLater(30));
    expect(await errorOf(check(other, minutesLater(30)))).toMatchObject({ code: "step_up_required" });
    const trail = await database.db.select().from(auditLog).where(eq(auditLog.target, identity.sessionId));
    expect(trail).toMatchObject([{ action: "session.proved", data: { method: "password" } }]);
  });

  it("S15: an account without a password proves itself with an emailed code, once and in the session that asked", async () => {
    const identity = await newAccount(at);
    await setPasswordHash(database.db, identity.userId, null);
    const other = await identityOf(
      await createSession(database.db, { userId: identity.userId, userAgent: null }, at),
      at,
    );
    expect(await readProofMethods(database.db, identity.userId)).toMatchObject({
      password: false,
      emailedCode: true,
    });
    await requestProofCode(identity, newClient(), minutesLater(20));
    const emailedCode = await readEmailedCode(identity.email);
    const wrong = { fields: [{ path: "emailedCode" }] };
    const proof = { emailedCode };
    expect(await errorOf(proveIdentity(other, proof, newClient(), minutesLater(20)))).toMatchObject(wrong);
    await proveIdentity(identity, proof, newClient(), minutesLater(21));
    await check(identity, minutesLater(30));
    expect(await errorOf(proveIdentity(identity, proof, newClient(), minutesLater(22)))).toMatchObject(wrong);
  });

  it("S15: emailed codes cannot be guessed: five attempts, then the right code is refused too", async () => {
    const identity = await newAccount(at);
    await requestProofCode(identity, newClient(), at);
    const emailedCode = await readEmailedCode(identity.email);
    for (let attempt = 0; attempt < 5; attempt++)
      await errorOf(proveIdentity(identity, { emailedCode: `0000 000${attempt}` }, newClient(), at));
    expect(await errorOf(proveIdentity(identity, { emailedCode }, newClient(), at))).toMatchObject({
      code: "too_many_requests",
    });
  });

  it("S15: an account with a second factor cannot prove itself with less", async () => {
    const identity = await newAccount(at);
    const { codeAt } = await addTotp(identity, at);
    const refused = { code: "forbidden" };
    expect(
      await errorOf(proveIdentity(identity, { password: accountPassword }, newClient(), at)),
    ).toMatchObject(refused);
    expect(await errorOf(requestProofCode(identity, newClient(), at))).toMatchObject(refused);
    const later = minutesLater(20);
    await proveIdentity(identity, { code: codeAt(0) }, newClient(), later);
    await check(identity, later);
  });
});

describe("S15: idle sessions", () => {
  it("S15: a session ends after 30 days without use, and after 90 days in any case", async () => {
    const identity = await newAccount(at);
    expect(await readIdentity(database.db, identity, daysLater(30))).toBeNull();
    for (const day of [29, 58, 87])
      expect(await readIdentity(database.db, identity, daysLater(day))).not.toBeNull();
    expect(await readIdentity(database.db, identity, daysLater(90))).toBeNull();
  });

  it("S15: an operator's session ends after 12 hours without use, and after 7 days in any case", async () => {
    const { userId } = await newAccount(at);
    await database.db.update(users).set({ role: "operator" }).where(eq(users.id, userId));
    const claims = await createSession(database.db, { userId, userAgent: null }, at);
    expect(await readIdentity(database.db, claims, hoursLater(12))).toBeNull();
    for (let hour = 11; hour < 7 * 24; hour += 11)
      expect(await readIdentity(database.db, claims, hoursLater(hour))).not.toBeNull();
    const [row] = await database.db.select().from(sessions).where(eq(sessions.id, claims.sessionId));
    expect(row?.expiresAt).toEqual(daysLater(7));
    expect(await readIdentity(database.db, claims, daysLater(7))).toBeNull();
  });
});
