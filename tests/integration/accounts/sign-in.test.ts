import { hash } from "@node-rs/argon2";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { auditLog, sessions, users } from "#db/schema/accounts.ts";
import { changePassword } from "#lib/accounts/change-password.ts";
import { listDevices } from "#lib/accounts/devices/devices.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { readIdentity } from "#lib/accounts/sessions.ts";
import { signInWithPassword } from "#lib/accounts/sign-in.ts";
import { signOut, signOutDevice, signOutEverywhere } from "#lib/accounts/sign-out.ts";
import { createUser } from "#lib/accounts/users.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";
import { testEnvironment } from "#tests/integration/accounts/environment.ts";

const at = new Date("2026-10-01T12:00:00Z");
const password = "correct horse battery";
let database: TestDatabase;
const statements: string[] = [];

beforeAll(async () => {
  for (const [name, value] of Object.entries(testEnvironment)) vi.stubEnv(name, value);
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());

async function createAccount(email: string, passwordHash?: string): Promise<string> {
  const created = await createUser(
    database.db,
    { email, name: "Test", passwordHash: passwordHash ?? (await hashPassword(password)) },
    at,
  );
  if (created === null) throw new Error(`${email} exists already.`);
  return created.userId;
}

function from(network: string) {
  return { network, userAgent: null, deviceId: null, locale: "en" as const };
}

function signIn(email: string, network: string, guess = password, when = at) {
  return signInWithPassword({ email, password: guess, origin: from(network) }, when);
}

async function readError(attempt: Promise<unknown>) {
  const { code, status, message, fields } = await attempt.then(
    () => Promise.reject(new Error("The attempt succeeded.")),
    toPublicError,
  );
  return { code, status, message, fields };
}

describe("known and unknown addresses", () => {
  test("a wrong password, an unknown address and an account without a password get the same error", async () => {
    await createAccount("known@person.example");
    await createUser(database.db, { email: "link-only@person.example", name: "Link" }, at);
    const errors = [];
    for (const email of ["known@person.example", "unknown@person.example", "link-only@person.example"])
      errors.push(await readError(signIn(email, "enumeration", "wrong password")));
    expect(errors[0]).toMatchObject({ code: "unauthenticated", status: 401 });
    expect(new Set(errors.map((error) => JSON.stringify(error))).size).toBe(1);
  });

  test("sign-in sends the same statements and verifies a hash for known and unknown addresses", async () => {
    await createAccount("timed@person.example");
    const work = async (email: string) => {
      statements.length = 0;
      const cpu = process.cpuUsage();
      await readError(signIn(email, "timing", "wrong password"));
      const { user, system } = process.cpuUsage(cpu);
      return { sent: [...statements], cpuMs: (user + system) / 1_000 };
    };
    await work("warm-up@person.example");
    const known = await work("timed@person.example");
    const unknown = await work("nobody@person.example");
    expect(unknown.sent).toEqual(known.sent);
    expect(unknown.cpuMs).toBeGreaterThan(known.cpuMs / 3);
  });

  test("password attempts are limited equally for known and unknown addresses", async () => {
    await createAccount("guessed@person.example");
    const attemptsUntilRefused = async (email: string) => {
      for (let attempt = 1; attempt < 50; attempt++) {
        const { code } = await readError(signIn(email, "guesser", "wrong password"));
        if (code === "too_many_requests") return attempt;
      }
      return null;
    };
    expect(await attemptsUntilRefused("guessed@person.example")).toBe(11);
    expect(await attemptsUntilRefused("not-there@person.example")).toBe(11);
  });
});

describe("a session", () => {
  test("signing out revokes only the current session, immediately", async () => {
    const userId = await createAccount("two-devices@person.example");
    const first = await signIn("two-devices@person.example", "n");
    const second = await signIn("two-devices@person.example", "n");
    await signOut(first, at);
    expect(await readIdentity(database.db, first, at)).toBeNull();
    expect(await readIdentity(database.db, second, at)).toMatchObject({ userId });
  });

  test("a session is read in one query", async () => {
    await createAccount("one-query@person.example");
    const claims = await signIn("one-query@person.example", "n");
    statements.length = 0;
    expect(await readIdentity(database.db, claims, at)).not.toBeNull();
    expect(statements).toHaveLength(1);
  });

  test("the last use of a session is recorded every five minutes", async () => {
    await createAccount("seen@person.example");
    const claims = await signIn("seen@person.example", "n");
    const seen = async (minutes: number) => {
      await readIdentity(database.db, claims, new Date(at.getTime() + minutes * 60_000));
      const [row] = await database.db.select().from(sessions).where(eq(sessions.id, claims.sessionId));
      return row && (row.lastSeenAt.getTime() - at.getTime()) / 60_000;
    };
    expect(await seen(2)).toBe(0);
    expect(await seen(6)).toBe(6);
  });

  test("a session expires after 30 days without use", async () => {
    await createAccount("month@person.example");
    const claims = await signIn("month@person.example", "n");
    const day = 86_400_000;
    expect(await readIdentity(database.db, claims, new Date(at.getTime() + 30 * day))).toBeNull();
    expect(await readIdentity(database.db, claims, new Date(at.getTime() + 30 * day - 1))).not.toBeNull();
    expect(await readIdentity(database.db, claims, new Date(at.getTime() + 60 * day - 2))).not.toBeNull();
  });

  test("revoking a session of another user throws not_found", async () => {
    await createAccount("mine@person.example");
    await createAccount("theirs@person.example");
    const mine = await signIn("mine@person.example", "n");
    const theirs = await signIn("theirs@person.example", "n");
    expect(await readError(signOutDevice(mine, theirs.sessionId, at))).toMatchObject({ code: "not_found" });
    expect(await readIdentity(database.db, theirs, at)).not.toBeNull();
  });

  test("signing out everywhere revokes all sessions and is audited", async () => {
    const userId = await createAccount("everywhere@person.example");
    const all = [];
    for (let count = 0; count < 3; count++) all.push(await signIn("everywhere@person.example", "n"));
    const [here] = all;
    expect(here && (await listDevices(database.db, here, at))).toHaveLength(3);
    expect(here && (await signOutEverywhere(here, at))).toBe(3);
    for (const claims of all) expect(await readIdentity(database.db, claims, at)).toBeNull();
    const trail = await database.db.select().from(auditLog).where(eq(auditLog.actorUserId, userId));
    expect(trail.map(({ action }) => action).sort()).toEqual([
      "session.all_revoked",
      ...Array.from({ length: 3 }, () => "session.created"),
    ]);
  });
});

describe("a password", () => {
  test("changing the password revokes all other sessions", async () => {
    await createAccount("change@person.example");
    const here = await signIn("change@person.example", "n");
    const there = await signIn("change@person.example", "n");
    const identity = await readIdentity(database.db, here, at);
    if (identity === null) throw new Error("Nobody is signed in.");
    const wrong = { currentPassword: "wrong", newPassword: "a new password", origin: from("n") };
    expect(await readError(changePassword(identity, wrong, at))).toMatchObject({
      fields: [{ path: "currentPassword" }],
    });
    await changePassword(identity, { ...wrong, currentPassword: password }, at);
    expect(await readIdentity(database.db, here, at)).not.toBeNull();
    expect(await readIdentity(database.db, there, at)).toBeNull();
    expect(await readError(signIn("change@person.example", "n"))).toMatchObject({ status: 401 });
    await signIn("change@person.example", "n", "a new password");
  });

  test("signing in replaces a password hash with outdated costs", async () => {
    const old = await hash(password, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    const userId = await createAccount("old-hash@person.example", old);
    await signIn("old-hash@person.example", "n");
    const [user] = await database.db.select().from(users).where(sql`id = ${userId}`);
    expect(user?.passwordHash).toContain("m=19456,t=2,p=1");
    await signIn("old-hash@person.example", "n");
  });
});
