import { db, type Tx } from "#db/client.ts";
import { revokePersonalKeys } from "#lib/accounts/api-keys.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { hashPassword, needsRehash, verifyPassword } from "#lib/accounts/password.ts";
import { createSession, revokeAllSessions, type SessionClaims } from "#lib/accounts/sessions.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import {
  type Account,
  findUserByEmail,
  markEmailVerified,
  recordBrowserLocale,
  setPasswordHash,
} from "#lib/accounts/users.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";

type Method = "password" | "magic_link" | "sign_up" | "google" | "github";

/**
 * Signs in with an email address and a password.
 * @throws AppError `unauthenticated`, with the same message and after the same work for known and unknown
 *   addresses; `too_many_requests`
 */
export async function signInWithPassword(
  input: { email: string; password: string; origin: RequestOrigin },
  at: Date,
): Promise<SessionClaims> {
  const { email, password, origin } = input;
  await limitAttempts(db(), "password", { email, network: origin.network }, at);
  const account = await findUserByEmail(db(), email);
  const matches = await verifyPassword(account?.passwordHash ?? null, password);
  if (account === null || !matches)
    throw new AppError("unauthenticated", { reason: errorReason("passwordMismatch") });
  if (account.passwordHash !== null && needsRehash(account.passwordHash))
    await setPasswordHash(db(), account.userId, await hashPassword(password));
  return db().transaction((tx) => startSession(tx, account.userId, "password", origin, at));
}

/**
 * Creates a session for the client `origin`. Records its language with the user, and the sign-in method in
 * the audit log.
 */
export async function startSession(
  tx: Tx,
  userId: string,
  method: Method,
  origin: RequestOrigin,
  at: Date,
): Promise<SessionClaims> {
  await recordBrowserLocale(tx, userId, origin.locale);
  const claims = await createSession(tx, { userId, userAgent: origin.userAgent }, at);
  const entry = { action: "session.created", actorUserId: userId, target: claims.sessionId };
  await recordAudit(tx, { ...entry, data: { method } }, at);
  return claims;
}

/**
 * Hands an account to the user who has just proven access to its mailbox. If the address was not verified
 * before, a stranger may have signed up with it, so the password, all sessions and all API keys are revoked.
 */
export async function claimAccount(tx: Tx, account: Account, at: Date): Promise<void> {
  if (account.emailVerifiedAt !== null) return;
  const { userId } = account;
  await markEmailVerified(tx, userId, at);
  await setPasswordHash(tx, userId, null);
  await revokeAllSessions(tx, userId, at);
  const keysRevoked = await revokePersonalKeys(tx, userId, at);
  const data = { passwordDropped: account.passwordHash !== null, keysRevoked };
  await recordAudit(tx, { action: "account.claimed", actorUserId: userId, target: userId, data }, at);
}
