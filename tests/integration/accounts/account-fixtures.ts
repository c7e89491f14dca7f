import { randomUUID } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { db } from "#db/client.ts";
import { hashPassword } from "#lib/accounts/password.ts";
import { enableTotp } from "#lib/accounts/second-factors/change-second-factors.ts";
import { startTotpSetup } from "#lib/accounts/second-factors/totp.ts";
import { createSession, type Identity, readIdentity, type SessionClaims } from "#lib/accounts/sessions.ts";
import type { RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { createUser } from "#lib/accounts/users.ts";
import { toPublicError } from "#lib/core/errors.ts";

export const accountPassword = "correct horse battery";
const passwordHash = hashPassword(accountPassword);

/** A client with a network and a browser that no other test uses. */
export function newClient(more: Partial<RequestOrigin> = {}): RequestOrigin {
  const chromeOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36";
  return { network: randomUUID(), userAgent: chromeOnWindows, deviceId: randomUUID(), locale: "en", ...more };
}

/** Creates a confirmed account with a password and returns its identity in a new session. */
export async function newAccount(at: Date): Promise<Identity> {
  const email = `${randomUUID()}@person.example`;
  const user = { email, name: "Test", passwordHash: await passwordHash, emailVerifiedAt: at };
  const created = await createUser(db(), user, at);
  if (created === null) throw new Error("The address is taken.");
  return identityOf(await createSession(db(), { userId: created.userId, userAgent: null }, at), at);
}

/** Reads the identity of a valid session. */
export async function identityOf(claims: SessionClaims, at: Date): Promise<Identity> {
  const identity = await readIdentity(db(), claims, at);
  if (identity === null) throw new Error("The session is not valid.");
  return identity;
}

/** Sets up an authenticator app. `codeAt` returns its code so many 30-second steps after the setup. */
export async function addTotp(
  identity: Identity,
  at: Date,
): Promise<{ codeAt: (steps: number) => string; recoveryCodes: string[] }> {
  const { key } = await startTotpSetup(db(), identity, at);
  const setUpAtMs = Date.now();
  const secret = Secret.fromBase32(key.replaceAll(" ", ""));
  const codeAt = (steps: number) => TOTP.generate({ secret, timestamp: setUpAtMs + steps * 30_000 });
  const { recoveryCodes } = await enableTotp(identity, codeAt(-1), newClient(), at);
  return { codeAt, recoveryCodes: recoveryCodes ?? [] };
}

/** The public error of an attempt; fails if it succeeds. */
export async function errorOf(attempt: Promise<unknown>) {
  const { code, status, message, fields } = await attempt.then(
    () => Promise.reject(new Error("The attempt succeeded.")),
    toPublicError,
  );
  return { code, status, message, fields };
}
