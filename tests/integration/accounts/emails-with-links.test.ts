import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { emailTokens, outgoingMail, users } from "#db/schema/accounts.ts";
import { createApiKey, findApiKey } from "#lib/accounts/api-keys.ts";
import { readTokenState, redeemToken } from "#lib/accounts/email-tokens.ts";
import { requestVerification, verifyEmail } from "#lib/accounts/email-verification.ts";
import { redeemMagicLink, requestMagicLink } from "#lib/accounts/magic-link.ts";
import { requestPasswordReset, resetPassword } from "#lib/accounts/password-reset.ts";
import { readIdentity, type SessionClaims } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { findUserByEmail } from "#lib/accounts/users.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { listEmails, readEmailToken } from "#tests/integration/accounts/read-emails.ts";

const at = new Date("2026-10-01T12:00:00Z");
const minutesLater = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
const password = "correct horse battery";
let database: TestDatabase;
const statements: string[] = [];
let networks = 0;

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());

function newOrigin() {
  return { network: `network-${networks++}`, userAgent: null, deviceId: null, locale: "en" as const };
}

async function signUpUser(email: string) {
  const { claims } = await signUp({ email, password, origin: newOrigin() }, at);
  if (claims === null) throw new Error(`${email} could not sign up.`);
  return claims;
}

/** Creates an API key and returns its secret. */
async function createKey(claims: SessionClaims): Promise<string> {
  const identity = await readIdentity(database.db, claims, at);
  if (identity === null) throw new Error("The session is invalid.");
  const key = { name: "k", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  return (await createApiKey(database.db, identity.workspaceId, claims.userId, key, at)).secret;
}

async function signInByLink(email: string): Promise<void> {
  await requestMagicLink({ email, origin: newOrigin() }, at);
  const token = await readEmailToken(database.db, email, /sign-in link/);
  await redeemMagicLink({ secret: { token }, origin: newOrigin() }, at);
}

async function resetByLink(email: string): Promise<void> {
  await requestPasswordReset({ email, origin: newOrigin() }, at);
  const token = await readEmailToken(database.db, email, /^Reset your/);
  await resetPassword({ secret: { token }, password, origin: newOrigin() }, at);
}

async function errorCode(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "ok",
    (error: unknown) => toPublicError(error).code,
  );
}

describe("a sign-in link", () => {
  test("a magic link redeemed 20 times concurrently signs in once", async () => {
    const email = "once@person.example";
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /sign-in link/);
    const codes = await Promise.all(
      Array.from({ length: 20 }, () =>
        errorCode(redeemMagicLink({ secret: { token }, origin: newOrigin() }, at)),
      ),
    );
    expect(codes.filter((code) => code === "ok")).toHaveLength(1);
    expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(19);
  });

  test("a magic link expires after 10 minutes", async () => {
    const email = "late@person.example";
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /sign-in link/);
    expect(
      await errorCode(redeemMagicLink({ secret: { token }, origin: newOrigin() }, minutesLater(10))),
    ).toBe("unauthenticated");
    expect(await readTokenState(database.db, "magic_link", token, minutesLater(9))).toBe("usable");
  });

  test("checking a magic link does not redeem it", async () => {
    const email = "scanned@person.example";
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /sign-in link/);
    for (let look = 0; look < 5; look++) await readTokenState(database.db, "magic_link", token, at);
    const claims = await redeemMagicLink({ secret: { token }, origin: newOrigin() }, at);
    expect(await readIdentity(database.db, claims, at)).toMatchObject({ email, name: "Scanned" });
  });

  test("requesting a magic link sends the same statements and email for known and unknown addresses", async () => {
    await signUpUser("asked@person.example");
    const request = async (email: string) => {
      statements.length = 0;
      await requestMagicLink({ email, origin: newOrigin() }, at);
      const sent = [...statements];
      const [newest] = await listEmails(database.db, email);
      return { sent, subject: newest?.subject };
    };
    await request("warm-up@person.example");
    expect(await request("nobody@person.example")).toEqual(await request("asked@person.example"));
  });

  test("a magic link takes over an unverified account and its sessions", async () => {
    const email = "victim@person.example";
    const otherClaims = await signUpUser(email);
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /sign-in link/);
    const claims = await redeemMagicLink({ secret: { token }, origin: newOrigin() }, at);
    expect(await readIdentity(database.db, otherClaims, at)).toBeNull();
    expect(await errorCode(signInWithPassword({ email, password, origin: newOrigin() }, at))).toBe(
      "unauthenticated",
    );
    expect((await readIdentity(database.db, claims, at))?.emailVerifiedAt).toEqual(at);
  });

  test("taking over an unverified account revokes its API keys, by magic link and by password reset", async () => {
    for (const method of ["link", "password"] as const) {
      const email = `keys-${method}@person.example`;
      const secret = await createKey(await signUpUser(email));
      await (method === "link" ? signInByLink(email) : resetByLink(email));
      expect(await findApiKey(database.db, secret, at)).toBeNull();
    }
  });

  test("a magic link keeps the API keys of a verified account", async () => {
    const email = "keys-kept@person.example";
    const owner = await signUpUser(email);
    const secret = await createKey(owner);
    await verifyEmail(owner, await readEmailToken(database.db, email, /Confirm/), at);
    await signInByLink(email);
    await resetByLink(email);
    expect(await findApiKey(database.db, secret, at)).not.toBeNull();
  });

  test("a magic link keeps the password and other sessions of a verified account", async () => {
    const email = "confirmed@person.example";
    const device = await signUpUser(email);
    await verifyEmail(device, await readEmailToken(database.db, email, /Confirm/), at);
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /sign-in link/);
    await redeemMagicLink({ secret: { token }, origin: newOrigin() }, at);
    expect(await readIdentity(database.db, device, at)).not.toBeNull();
    await signInWithPassword({ email, password, origin: newOrigin() }, at);
  });

  test("magic links to one address from one network are limited to four in a row", async () => {
    const email = "flooded@person.example";
    const origin = newOrigin();
    const codes = [];
    for (let count = 0; count < 6; count++)
      codes.push(await errorCode(requestMagicLink({ email, origin }, at)));
    expect(codes).toEqual(["ok", "ok", "ok", "ok", "too_many_requests", "too_many_requests"]);
    expect(await listEmails(database.db, email)).toHaveLength(4);
    expect(await errorCode(requestMagicLink({ email, origin }, minutesLater(5)))).toBe("ok");
  });
});

describe("a new password", () => {
  test("a reset link sets the password once, revokes all sessions, and sends an email", async () => {
    const email = "reset@person.example";
    const device = await signUpUser(email);
    await requestPasswordReset({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /^Reset your/);
    const codes = await Promise.all(
      ["first new password", "second new password"].map((chosen) =>
        errorCode(resetPassword({ secret: { token }, password: chosen, origin: newOrigin() }, at)),
      ),
    );
    expect(codes.sort()).toEqual(["ok", "unauthenticated"]);
    expect(await readIdentity(database.db, device, at)).toBeNull();
    expect(await errorCode(signInWithPassword({ email, password, origin: newOrigin() }, at))).toBe(
      "unauthenticated",
    );
    const subjects = (await listEmails(database.db, email)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => /was changed/.test(subject))).toHaveLength(1);
  });

  test("a password reset invalidates links that were sent before", async () => {
    const email = "older-links@person.example";
    await signUpUser(email);
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const magic = await readEmailToken(database.db, email, /sign-in link/);
    await requestPasswordReset({ email, origin: newOrigin() }, at);
    const older = await readEmailToken(database.db, email, /^Reset your/);
    await requestPasswordReset({ email, origin: newOrigin() }, at);
    const newer = await readEmailToken(database.db, email, /^Reset your/);
    expect(older).not.toBe(newer);
    await resetPassword({ secret: { token: newer }, password: "another password", origin: newOrigin() }, at);
    expect(await readTokenState(database.db, "reset_password", older, at)).toBe("unusable");
    expect(await readTokenState(database.db, "magic_link", magic, at)).toBe("unusable");
  });

  test("requesting a password reset sends the same statements for known and unknown addresses", async () => {
    await signUpUser("forgot@person.example");
    const request = async (email: string) => {
      statements.length = 0;
      await requestPasswordReset({ email, origin: newOrigin() }, at);
      return [...statements];
    };
    await request("warm-up-2@person.example");
    expect(await request("no-account@person.example")).toEqual(await request("forgot@person.example"));
    const [newest] = await listEmails(database.db, "no-account@person.example");
    expect(newest?.subject).toMatch(/^No .* account/);
    expect(newest?.text).not.toContain("token=");
  });

  test("a reset link expires after 10 minutes", async () => {
    const email = "hour@person.example";
    await signUpUser(email);
    await requestPasswordReset({ email, origin: newOrigin() }, at);
    const token = await readEmailToken(database.db, email, /^Reset your/);
    const late = { secret: { token }, password: "another password", origin: newOrigin() };
    expect(await errorCode(resetPassword(late, minutesLater(10)))).toBe("unauthenticated");
  });
});

describe("an address", () => {
  test("a verification link works once and only for a session of its account", async () => {
    const email = "confirm@person.example";
    const owner = await signUpUser(email);
    const otherClaims = await signUpUser("confirm-stranger@person.example");
    const token = await readEmailToken(database.db, email, /Confirm/);
    expect(await errorCode(verifyEmail(otherClaims, token, at))).toBe("forbidden");
    expect((await findUserByEmail(database.db, email))?.emailVerifiedAt).toBeNull();
    expect(await verifyEmail(owner, token, minutesLater(1_439))).toEqual({ email });
    expect(await errorCode(verifyEmail(owner, token, at))).toBe("unauthenticated");
    expect((await findUserByEmail(database.db, email))?.emailVerifiedAt).toEqual(minutesLater(1_439));
  });

  test("no verification email is sent for a verified address", async () => {
    const email = "asked-once@person.example";
    const claims = await signUpUser(email);
    const unconfirmed = { ...claims, email, emailVerifiedAt: null };
    expect(await requestVerification(unconfirmed, newOrigin(), at)).toBe(true);
    expect(await requestVerification({ ...unconfirmed, emailVerifiedAt: at }, newOrigin(), at)).toBe(false);
    expect(await listEmails(database.db, email)).toHaveLength(2);
  });

  test("a magic link does not verify an address", async () => {
    const email = "kinds@person.example";
    const owner = await signUpUser(email);
    await requestMagicLink({ email, origin: newOrigin() }, at);
    const magic = await readEmailToken(database.db, email, /sign-in link/);
    expect(await errorCode(verifyEmail(owner, magic, at))).toBe("unauthenticated");
    expect(await redeemToken(database.db, "reset_password", { token: magic }, at)).toBeNull();
    expect(await readTokenState(database.db, "magic_link", magic, at)).toBe("usable");
  });

  test("a verification link does not verify an address that the user no longer has", async () => {
    const email = "moved@person.example";
    const owner = await signUpUser(email);
    const token = await readEmailToken(database.db, email, /Confirm/);
    await database.db.update(users).set({ email: "elsewhere@person.example" }).where(eq(users.email, email));
    expect(await errorCode(verifyEmail(owner, token, at))).toBe("unauthenticated");
  });
});

test("only the hash of a token is stored", async () => {
  const email = "stored@person.example";
  await requestMagicLink({ email, origin: newOrigin() }, at);
  const token = await readEmailToken(database.db, email, /sign-in link/);
  const [stored] = await database.db.select().from(emailTokens).where(eq(emailTokens.email, email));
  expect(JSON.stringify(stored)).not.toContain(token);
  expect(
    await errorCode(redeemMagicLink({ secret: { token: stored?.tokenHash ?? "" }, origin: newOrigin() }, at)),
  ).toBe("unauthenticated");
});

test("every queued email has a job that sends it", async () => {
  const [emails] = await database.db.select({ count: sql<number>`count(*)::int` }).from(outgoingMail);
  const [jobs] = await database.db.execute<{ count: number }>(
    sql`select count(*)::int as count from pgboss.job where name = 'mail.send'`,
  );
  expect(emails?.count).toBeGreaterThan(10);
  expect(jobs?.count).toBe(emails?.count);
});
