import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { emailTokens, outgoingMail, users } from "#db/schema/accounts.ts";
import { createApiKey, findApiKey } from "#lib/accounts/api-keys.ts";
import { isTokenUsable, redeemToken } from "#lib/accounts/email-tokens.ts";
import { requestVerification, verifyEmail } from "#lib/accounts/email-verification.ts";
import { redeemMagicLink, requestMagicLink } from "#lib/accounts/magic-link.ts";
import { requestPasswordReset, resetPassword } from "#lib/accounts/password-reset.ts";
import { type Claims, readIdentity } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signUp } from "#lib/accounts/sign-up.ts";
import { findByEmail } from "#lib/accounts/users.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";
import { lettersOf, tokenFor } from "#tests/integration/accounts/letters-of.ts";

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

function anywhere() {
  return { network: `network-${networks++}`, userAgent: null };
}

async function member(email: string) {
  const { claims } = await signUp({ email, password, origin: anywhere() }, at);
  if (claims === null) throw new Error(`${email} was not signed up.`);
  return claims;
}

/** The secret of a key that somebody made in their workspace. */
async function keyOf(claims: Claims): Promise<string> {
  const identity = await readIdentity(database.db, claims, at);
  if (identity === null) throw new Error("Nobody is signed in.");
  const key = { name: "k", scopes: ["chat" as const], budgetMicros: null, expiresAt: null };
  return (await createApiKey(database.db, identity.workspaceId, claims.userId, key, at)).secret;
}

async function enterByLink(email: string): Promise<void> {
  await requestMagicLink({ email, origin: anywhere() }, at);
  const token = await tokenFor(database.db, email, /sign-in link/);
  await redeemMagicLink({ token, origin: anywhere() }, at);
}

async function choosePassword(email: string): Promise<void> {
  await requestPasswordReset({ email, origin: anywhere() }, at);
  await resetPassword({ token: await tokenFor(database.db, email, /new password/), password }, at);
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "ok",
    (error: unknown) => toPublicError(error).code,
  );
}

describe("a sign-in link", () => {
  test("opened twenty times at once signs in exactly once", async () => {
    const email = "once@person.example";
    await requestMagicLink({ email, origin: anywhere() }, at);
    const token = await tokenFor(database.db, email, /sign-in link/);
    const codes = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(redeemMagicLink({ token, origin: anywhere() }, at))),
    );
    expect(codes.filter((code) => code === "ok")).toHaveLength(1);
    expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(19);
  });

  test("works for fifteen minutes and not a moment longer", async () => {
    const email = "late@person.example";
    await requestMagicLink({ email, origin: anywhere() }, at);
    const token = await tokenFor(database.db, email, /sign-in link/);
    expect(await codeOf(redeemMagicLink({ token, origin: anywhere() }, minutesLater(15)))).toBe(
      "unauthenticated",
    );
    expect(await isTokenUsable(database.db, "magic_link", token, minutesLater(14))).toBe(true);
  });

  test("looked at by a program that scans mail still works for the person", async () => {
    const email = "scanned@person.example";
    await requestMagicLink({ email, origin: anywhere() }, at);
    const token = await tokenFor(database.db, email, /sign-in link/);
    for (let look = 0; look < 5; look++) await isTokenUsable(database.db, "magic_link", token, at);
    const claims = await redeemMagicLink({ token, origin: anywhere() }, at);
    expect(await readIdentity(database.db, claims, at)).toMatchObject({ email, name: "Scanned" });
  });

  test("is asked for by the same statements and with the same letter for a known and an unknown address", async () => {
    await member("asked@person.example");
    const ask = async (email: string) => {
      statements.length = 0;
      await requestMagicLink({ email, origin: anywhere() }, at);
      const sent = [...statements];
      const [letter] = await lettersOf(database.db, email);
      return { sent, subject: letter?.subject };
    };
    await ask("warm-up@person.example");
    expect(await ask("nobody@person.example")).toEqual(await ask("asked@person.example"));
  });

  test("takes an address back from a stranger who signed up with it first", async () => {
    const email = "victim@person.example";
    const stranger = await member(email);
    await requestMagicLink({ email, origin: anywhere() }, at);
    const token = await tokenFor(database.db, email, /sign-in link/);
    const claims = await redeemMagicLink({ token, origin: anywhere() }, at);
    expect(await readIdentity(database.db, stranger, at)).toBeNull();
    expect(await codeOf(signInWithPassword({ email, password, origin: anywhere() }, at))).toBe(
      "unauthenticated",
    );
    expect((await readIdentity(database.db, claims, at))?.emailVerifiedAt).toEqual(at);
  });

  test("ends the keys of a stranger who signed up with the address first, also when a new password is chosen", async () => {
    for (const way of ["link", "password"] as const) {
      const email = `keys-${way}@person.example`;
      const secret = await keyOf(await member(email));
      await (way === "link" ? enterByLink(email) : choosePassword(email));
      expect(await findApiKey(database.db, secret, at)).toBeNull();
    }
  });

  test("keeps the keys of an owner who had confirmed the address", async () => {
    const email = "keys-kept@person.example";
    const owner = await member(email);
    const secret = await keyOf(owner);
    await verifyEmail(owner, await tokenFor(database.db, email, /Confirm/), at);
    await enterByLink(email);
    await choosePassword(email);
    expect(await findApiKey(database.db, secret, at)).not.toBeNull();
  });

  test("keeps the password and the other devices of an owner who had confirmed the address", async () => {
    const email = "confirmed@person.example";
    const device = await member(email);
    await verifyEmail(device, await tokenFor(database.db, email, /Confirm/), at);
    await requestMagicLink({ email, origin: anywhere() }, at);
    await redeemMagicLink(
      { token: await tokenFor(database.db, email, /sign-in link/), origin: anywhere() },
      at,
    );
    expect(await readIdentity(database.db, device, at)).not.toBeNull();
    await signInWithPassword({ email, password, origin: anywhere() }, at);
  });

  test("is sent four times to one address, then no more for a while, whoever asks", async () => {
    const email = "flooded@person.example";
    const codes = [];
    for (let count = 0; count < 6; count++)
      codes.push(await codeOf(requestMagicLink({ email, origin: anywhere() }, at)));
    expect(codes).toEqual(["ok", "ok", "ok", "ok", "too_many_requests", "too_many_requests"]);
    expect(await lettersOf(database.db, email)).toHaveLength(4);
    expect(await codeOf(requestMagicLink({ email, origin: anywhere() }, minutesLater(5)))).toBe("ok");
  });
});

describe("a new password", () => {
  test("is set once by a link, ends every session, and is told to the owner", async () => {
    const email = "reset@person.example";
    const device = await member(email);
    await requestPasswordReset({ email, origin: anywhere() }, at);
    const token = await tokenFor(database.db, email, /Choose a new password/);
    const codes = await Promise.all(
      ["first new password", "second new password"].map((chosen) =>
        codeOf(resetPassword({ token, password: chosen }, at)),
      ),
    );
    expect(codes.sort()).toEqual(["ok", "unauthenticated"]);
    expect(await readIdentity(database.db, device, at)).toBeNull();
    expect(await codeOf(signInWithPassword({ email, password, origin: anywhere() }, at))).toBe(
      "unauthenticated",
    );
    const subjects = (await lettersOf(database.db, email)).map(({ subject }) => subject);
    expect(subjects.filter((subject) => /was changed/.test(subject))).toHaveLength(1);
  });

  test("ends the links that were sent before it", async () => {
    const email = "older-links@person.example";
    await member(email);
    await requestMagicLink({ email, origin: anywhere() }, at);
    const magic = await tokenFor(database.db, email, /sign-in link/);
    await requestPasswordReset({ email, origin: anywhere() }, at);
    const older = await tokenFor(database.db, email, /Choose a new password/);
    await requestPasswordReset({ email, origin: anywhere() }, at);
    const newer = await tokenFor(database.db, email, /Choose a new password/);
    expect(older).not.toBe(newer);
    await resetPassword({ token: newer, password: "another password" }, at);
    expect(await isTokenUsable(database.db, "reset_password", older, at)).toBe(false);
    expect(await isTokenUsable(database.db, "magic_link", magic, at)).toBe(false);
  });

  test("is asked for by the same statements for a known and an unknown address", async () => {
    await member("forgot@person.example");
    const ask = async (email: string) => {
      statements.length = 0;
      await requestPasswordReset({ email, origin: anywhere() }, at);
      return [...statements];
    };
    await ask("warm-up-2@person.example");
    expect(await ask("no-account@person.example")).toEqual(await ask("forgot@person.example"));
    const [letter] = await lettersOf(database.db, "no-account@person.example");
    expect(letter?.subject).toMatch(/no .* account/);
    expect(letter?.text).not.toContain("token=");
  });

  test("works for an hour", async () => {
    const email = "hour@person.example";
    await member(email);
    await requestPasswordReset({ email, origin: anywhere() }, at);
    const token = await tokenFor(database.db, email, /Choose a new password/);
    expect(await codeOf(resetPassword({ token, password: "another password" }, minutesLater(60)))).toBe(
      "unauthenticated",
    );
  });
});

describe("an address", () => {
  test("is confirmed once by its link, on a device of the account alone", async () => {
    const email = "confirm@person.example";
    const owner = await member(email);
    const stranger = await member("confirm-stranger@person.example");
    const token = await tokenFor(database.db, email, /Confirm/);
    expect(await codeOf(verifyEmail(stranger, token, at))).toBe("forbidden");
    expect((await findByEmail(database.db, email))?.emailVerifiedAt).toBeNull();
    expect(await verifyEmail(owner, token, minutesLater(1_439))).toEqual({ email });
    expect(await codeOf(verifyEmail(owner, token, at))).toBe("unauthenticated");
    expect((await findByEmail(database.db, email))?.emailVerifiedAt).toEqual(minutesLater(1_439));
  });

  test("that is confirmed is not asked about again", async () => {
    const email = "asked-once@person.example";
    const claims = await member(email);
    const unconfirmed = { ...claims, email, emailVerifiedAt: null };
    expect(await requestVerification(unconfirmed, "n", at)).toBe(true);
    expect(await requestVerification({ ...unconfirmed, emailVerifiedAt: at }, "n", at)).toBe(false);
    expect(await lettersOf(database.db, email)).toHaveLength(2);
  });

  test("cannot be confirmed by a link of another kind", async () => {
    const email = "kinds@person.example";
    const owner = await member(email);
    await requestMagicLink({ email, origin: anywhere() }, at);
    const magic = await tokenFor(database.db, email, /sign-in link/);
    expect(await codeOf(verifyEmail(owner, magic, at))).toBe("unauthenticated");
    expect(await redeemToken(database.db, "reset_password", magic, at)).toBeNull();
    expect(await isTokenUsable(database.db, "magic_link", magic, at)).toBe(true);
  });

  test("that is no longer the person's is not confirmed", async () => {
    const email = "moved@person.example";
    const owner = await member(email);
    const token = await tokenFor(database.db, email, /Confirm/);
    await database.db.update(users).set({ email: "elsewhere@person.example" }).where(eq(users.email, email));
    expect(await codeOf(verifyEmail(owner, token, at))).toBe("unauthenticated");
  });
});

test("a stored link cannot be used by whoever reads the table: only its hash is there", async () => {
  const email = "stored@person.example";
  await requestMagicLink({ email, origin: anywhere() }, at);
  const token = await tokenFor(database.db, email, /sign-in link/);
  const [stored] = await database.db.select().from(emailTokens).where(eq(emailTokens.email, email));
  expect(JSON.stringify(stored)).not.toContain(token);
  expect(await codeOf(redeemMagicLink({ token: stored?.tokenHash ?? "", origin: anywhere() }, at))).toBe(
    "unauthenticated",
  );
});

test("every letter that waits has a job that sends it", async () => {
  const [letters] = await database.db.select({ count: sql<number>`count(*)::int` }).from(outgoingMail);
  const [jobs] = await database.db.execute<{ count: number }>(
    sql`select count(*)::int as count from pgboss.job where name = 'mail.send'`,
  );
  expect(letters?.count).toBeGreaterThan(10);
  expect(jobs?.count).toBe(letters?.count);
});
