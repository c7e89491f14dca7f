import { eq } from "drizzle-orm";
import { encode } from "next-auth/jwt";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { decodeSessionCookie, sessionCookieName } from "#app/_http/session/session-cookie.ts";
import { auditLog } from "#db/schema/accounts.ts";
import { redeemMagicLink, requestMagicLink } from "#lib/accounts/magic-link.ts";
import { requestPasswordReset, resetPassword } from "#lib/accounts/password-reset.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import {
  accountPassword,
  errorOf,
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

const signIn = (email: string, origin = newClient(), password = accountPassword) =>
  signInWithPassword({ email, password, origin }, at);

it("S4: strangers who guess passwords or ask for links do not lock the owner's browser out", async () => {
  const { email } = await newAccount(at);
  const owner = newClient();
  await signIn(email, owner);
  // More attempts than any bucket holds, also from the owner's own network.
  const strangers = [...Array.from({ length: 12 }, () => newClient()), newClient({ network: owner.network })];
  for (const stranger of strangers) {
    for (let guess = 0; guess < 11; guess++) await errorOf(signIn(email, stranger, "wrong password"));
    for (let request = 0; request < 5; request++)
      await requestMagicLink({ email, origin: stranger }, at).catch(() => {});
  }
  expect(await errorOf(signIn(email))).toMatchObject({ code: "too_many_requests" });
  await signIn(email, owner);
  await requestMagicLink({ email, origin: owner }, at);
});

it("S4: a network's guesses at one address do not stop another network", async () => {
  const { email } = await newAccount(at);
  const stranger = newClient();
  for (let guess = 0; guess < 10; guess++) await errorOf(signIn(email, stranger, "wrong password"));
  expect(await errorOf(signIn(email, stranger))).toMatchObject({ code: "too_many_requests" });
  await signIn(email);
});

it("S16: a failed sign-in is in the audit log with network and device, for unknown addresses too", async () => {
  const { email, userId } = await newAccount(at);
  const origin = newClient();
  await errorOf(signIn(email, origin, "wrong password"));
  const entries = await database.db.select().from(auditLog).where(eq(auditLog.target, userId));
  expect(entries).toMatchObject([
    {
      action: "session.failed",
      actorUserId: null,
      data: { method: "password", network: origin.network, device: "Chrome · Windows" },
    },
  ]);
  const before = await database.db.$count(auditLog);
  await errorOf(signIn("nobody@person.example"));
  expect(await database.db.$count(auditLog)).toBe(before + 1);
});

it("S16: a sign-in with a new browser sends one email, the first browser and known ones none", async () => {
  const { email } = await newAccount(at);
  const [first, second] = [newClient(), newClient({ network: "203.0.113.7" })];
  const alerts = async () =>
    (await listEmails(database.db, email)).filter(({ subject }) => subject.startsWith("New sign-in"));
  await signIn(email, first);
  expect(await alerts()).toHaveLength(0);
  await signIn(email, second);
  await signIn(email, second);
  await signIn(email, first);
  expect((await alerts()).map(({ text }) => text)).toEqual([expect.stringContaining("203.0.113.7")]);
});

it("S18: a sign-in link works for ten minutes in the browser that asked, a code can be typed there", async () => {
  const { email } = await newAccount(at);
  const origin = newClient();
  const ask = async () => {
    await requestMagicLink({ email, origin }, at);
    const [newest] = await listEmails(database.db, email);
    return {
      token: await readEmailToken(database.db, email, /sign-in link/),
      code: newest?.text.match(/\d{4} \d{4}/)?.[0] ?? "",
    };
  };
  const { token, code } = await ask();
  const refused = { code: "unauthenticated" };
  expect(await errorOf(redeemMagicLink({ secret: { token }, origin: newClient() }, at))).toMatchObject(
    refused,
  );
  expect(await errorOf(redeemMagicLink({ secret: { code }, origin: newClient() }, at))).toMatchObject(
    refused,
  );
  expect(await errorOf(redeemMagicLink({ secret: { token }, origin }, minutesLater(10)))).toMatchObject(
    refused,
  );
  await redeemMagicLink({ secret: { code }, origin }, minutesLater(9));
  await redeemMagicLink({ secret: { token: (await ask()).token }, origin }, minutesLater(9));
});

it("S18: a reset link works for ten minutes in the browser that asked", async () => {
  const { email } = await newAccount(at);
  const origin = newClient();
  await requestPasswordReset({ email, origin }, at);
  const secret = { token: await readEmailToken(database.db, email, /^Reset your/) };
  const password = "another long password";
  const refused = { code: "unauthenticated" };
  expect(await errorOf(resetPassword({ secret, password, origin: newClient() }, at))).toMatchObject(refused);
  expect(await errorOf(resetPassword({ secret, password, origin }, minutesLater(10)))).toMatchObject(refused);
  await resetPassword({ secret, password, origin }, minutesLater(9));
  await signIn(email, origin, password);
});

it("S20: a cookie made with the previous AUTH_SECRET is accepted, one made with an older secret is not", async () => {
  const { userId, sessionId } = await newAccount(at);
  const salt = sessionCookieName();
  const cookie = (secret: string) => encode({ token: { userId, sessionId }, secret, salt });
  const previous = "the-previous-secret-with-thirty-two-characters";
  vi.stubEnv("AUTH_SECRET_PREVIOUS", previous);
  const { env } = await import("#lib/core/env.ts");
  Object.assign(env(), { AUTH_SECRET_PREVIOUS: previous });
  expect(await decodeSessionCookie(await cookie(previous))).toEqual({ userId, sessionId });
  expect(await decodeSessionCookie(await cookie("an-unknown-secret-with-thirty-two-characters"))).toBeNull();
  Object.assign(env(), { AUTH_SECRET_PREVIOUS: undefined });
});
