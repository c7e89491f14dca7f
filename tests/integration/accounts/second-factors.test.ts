import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { users } from "#db/schema/accounts.ts";
import { recoveryCodes, totpFactors } from "#db/schema/sign-in.ts";
import { redeemMagicLink, requestMagicLink } from "#lib/accounts/magic-link.ts";
import { signInWithOAuth } from "#lib/accounts/oauth.ts";
import {
  disableTotp,
  enableTotp,
  regenerateRecoveryCodes,
} from "#lib/accounts/second-factors/change-second-factors.ts";
import { completeSignIn, readPendingSignIn } from "#lib/accounts/second-factors/pending-sign-in.ts";
import { hasSecondFactor, readSecondFactors } from "#lib/accounts/second-factors/second-factor.ts";
import { startTotpSetup } from "#lib/accounts/second-factors/totp.ts";
import { createSession, readIdentity } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signOut } from "#lib/accounts/sign-out.ts";
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
import { listEmails, readEmailToken } from "#tests/integration/accounts/read-emails.ts";

const at = new Date("2026-10-01T12:00:00Z");
const minutesLater = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
let database: TestDatabase;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function accountWithTotp() {
  const identity = await newAccount(at);
  return { identity, ...(await addTotp(identity, at)) };
}

function signIn(email: string, origin = newClient()) {
  return signInWithPassword({ email, password: accountPassword, origin }, at);
}

describe("S6: setting up an authenticator app", () => {
  it("S6: the secret is encrypted at rest and unreadable in another user's row", async () => {
    const [one, other] = [await newAccount(at), await newAccount(at)];
    const { key, uri } = await startTotpSetup(database.db, one, at);
    expect(uri).toMatch(/^otpauth:\/\/totp\/Parley:/);
    const [row] = await database.db.select().from(totpFactors).where(eq(totpFactors.userId, one.userId));
    expect(JSON.stringify(row)).not.toContain(key.replaceAll(" ", ""));
    await database.db
      .insert(totpFactors)
      .values({ userId: other.userId, encryptedSecret: row?.encryptedSecret ?? "", createdAt: at });
    expect(await errorOf(enableTotp(other, "123456", newClient(), at))).toMatchObject({ code: "internal" });
  });

  it("S6: a factor counts once its first code is right, and brings ten recovery codes and an email", async () => {
    const identity = await newAccount(at);
    const otherDevice = await createSession(database.db, { userId: identity.userId, userAgent: null }, at);
    await startTotpSetup(database.db, identity, at);
    expect(await hasSecondFactor(database.db, identity.userId)).toBe(false);
    expect(await errorOf(enableTotp(identity, "000000", newClient(), at))).toMatchObject({
      fields: [{ path: "code" }],
    });
    const { recoveryCodes: codes } = await addTotp(identity, at);
    expect(new Set(codes).size).toBe(10);
    expect(await readSecondFactors(database.db, identity.userId)).toEqual({
      totp: true,
      passkeys: 0,
      unusedRecoveryCodes: 10,
    });
    expect(await readIdentity(database.db, identity, at)).not.toBeNull();
    expect(await readIdentity(database.db, otherDevice, at)).toBeNull();
    const [email] = await listEmails(database.db, identity.email);
    expect(email?.subject).toMatch(/Two-factor authentication/);
  });

  it("S6: an operator cannot remove the only second factor, a user can", async () => {
    const { identity } = await accountWithTotp();
    await database.db.update(users).set({ role: "operator" }).where(eq(users.id, identity.userId));
    const operator = await identityOf(identity, at);
    expect(await errorOf(disableTotp(operator, at))).toMatchObject({ code: "conflict" });
    expect(await hasSecondFactor(database.db, identity.userId)).toBe(true);
    await disableTotp(identity, at);
    expect(await readSecondFactors(database.db, identity.userId)).toEqual({
      totp: false,
      passkeys: 0,
      unusedRecoveryCodes: 0,
    });
  });
});

describe("S6: signing in with a second factor", () => {
  it("S6: a password alone opens no session, and the code opens another one", async () => {
    const { identity, codeAt } = await accountWithTotp();
    const origin = newClient();
    const pending = await signIn(identity.email, origin);
    expect(await readIdentity(database.db, pending, at)).toBeNull();
    const claims = await completeSignIn(pending, { code: codeAt(0) }, origin, at);
    expect(claims.sessionId).not.toBe(pending.sessionId);
    expect(await readIdentity(database.db, claims, at)).toMatchObject({ userId: identity.userId });
    expect(await errorOf(completeSignIn(pending, { code: codeAt(1) }, origin, at))).toMatchObject({
      code: "unauthenticated",
    });
  });

  it("S6: a magic link and an OAuth sign-in ask for the second factor too", async () => {
    const { identity } = await accountWithTotp();
    const { email } = identity;
    const origin = newClient();
    await requestMagicLink({ email, origin }, at);
    const secret = { token: await readEmailToken(database.db, email, /sign-in link/) };
    const byLink = await redeemMagicLink({ secret, origin }, at);
    const profile = {
      provider: "github" as const,
      providerAccountId: email,
      verifiedEmail: email,
      name: null,
    };
    const byOAuth = await signInWithOAuth(profile, origin, at);
    for (const claims of [byLink, byOAuth]) {
      expect(await readIdentity(database.db, claims, at)).toBeNull();
      expect(await readPendingSignIn(database.db, claims, at)).toMatchObject({ email });
    }
  });

  it("S6: a code is accepted once, and no older code after it", async () => {
    const { identity, codeAt } = await accountWithTotp();
    const use = async (code: string) => {
      const origin = newClient();
      return completeSignIn(await signIn(identity.email, origin), { code }, origin, at);
    };
    // The setup used the code of the step before.
    expect(await errorOf(use(codeAt(-1)))).toMatchObject({ fields: [{ path: "code" }] });
    const code = codeAt(1);
    const attempts = await Promise.allSettled(Array.from({ length: 5 }, () => use(code)));
    expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await errorOf(use(codeAt(0)))).toMatchObject({ fields: [{ path: "code" }] });
  });

  it("S6: a recovery code works once in any spelling, is stored hashed, and is replaced by new ones", async () => {
    const { identity, recoveryCodes: codes } = await accountWithTotp();
    const stored = await database.db
      .select()
      .from(recoveryCodes)
      .where(eq(recoveryCodes.userId, identity.userId));
    expect(stored).toHaveLength(10);
    for (const code of codes) expect(JSON.stringify(stored)).not.toContain(code);
    const use = async (code = "") => {
      const origin = newClient();
      return completeSignIn(await signIn(identity.email, origin), { code }, origin, at);
    };
    await use(codes[0]?.toUpperCase().replaceAll("-", " "));
    expect(await errorOf(use(codes[0]))).toMatchObject({ fields: [{ path: "code" }] });
    const fresh = await regenerateRecoveryCodes(identity, at);
    expect(await errorOf(use(codes[1]))).toMatchObject({ fields: [{ path: "code" }] });
    await use(fresh[0]);
    expect((await readSecondFactors(database.db, identity.userId)).unusedRecoveryCodes).toBe(9);
  });

  it("S6: guessing codes is limited, without locking a known browser out", async () => {
    const { identity, codeAt } = await accountWithTotp();
    const owner = newClient();
    await completeSignIn(await signIn(identity.email, owner), { code: codeAt(0) }, owner, at);
    const thief = newClient();
    const pending = await signIn(identity.email, thief);
    const codes = [];
    for (let attempt = 0; attempt < 12; attempt++)
      codes.push((await errorOf(completeSignIn(pending, { code: "000000" }, thief, at))).code);
    expect(codes.filter((code) => code === "invalid_input")).toHaveLength(10);
    expect(codes.slice(10)).toEqual(["too_many_requests", "too_many_requests"]);
    await completeSignIn(await signIn(identity.email, owner), { code: codeAt(1) }, owner, at);
  });

  it("S6: a pending sign-in ends after ten minutes, at sign-out and with a new password", async () => {
    const { identity, codeAt } = await accountWithTotp();
    const origin = newClient();
    const late = await signIn(identity.email, origin);
    expect(await errorOf(completeSignIn(late, { code: codeAt(0) }, origin, minutesLater(10)))).toMatchObject({
      code: "unauthenticated",
    });
    const canceled = await signIn(identity.email, origin);
    await signOut(canceled, at);
    expect(await readPendingSignIn(database.db, canceled, at)).toBeNull();
  });
});

it("S6: the owner of a mailbox takes over an unconfirmed account without the stranger's second factor", async () => {
  const { identity } = await accountWithTotp();
  const { email, userId } = identity;
  await database.db.update(users).set({ emailVerifiedAt: null }).where(eq(users.id, userId));
  const origin = newClient();
  await requestMagicLink({ email, origin }, at);
  const secret = { token: await readEmailToken(database.db, email, /sign-in link/) };
  const claims = await redeemMagicLink({ secret, origin }, at);
  expect(await readIdentity(database.db, claims, at)).toMatchObject({ userId });
  expect(await hasSecondFactor(database.db, userId)).toBe(false);
  await setPasswordHash(database.db, userId, null);
});
