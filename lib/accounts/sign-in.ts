import { db, type Tx } from "#db/client.ts";
import { revokePersonalKeys } from "#lib/accounts/api-keys.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { hashPassword, needsRehash, verifyPassword } from "#lib/accounts/password.ts";
import { type Claims, createSession, revokeAllSessions } from "#lib/accounts/sessions.ts";
import { limitAttempts, type Origin } from "#lib/accounts/sign-in-limits.ts";
import { type Account, findByEmail, markEmailVerified, setPasswordHash } from "#lib/accounts/users.ts";
import { AppError } from "#lib/core/errors.ts";

type Method = "password" | "magic_link" | "sign_up" | "google" | "github";

/**
 * Signs in with an address and a password.
 * @throws AppError `unauthenticated`, in the same words and after the same work whether or not the address is known;
 *   `too_many_requests`
 */
export async function signInWithPassword(
  input: { email: string; password: string; origin: Origin },
  at: Date,
): Promise<Claims> {
  const { email, password, origin } = input;
  await limitAttempts(db(), "password", { email, network: origin.network }, at);
  const account = await findByEmail(db(), email);
  const right = await verifyPassword(account?.passwordHash ?? null, password);
  if (account === null || !right)
    throw new AppError("unauthenticated", { message: "The address and the password do not match." });
  if (account.passwordHash !== null && needsRehash(account.passwordHash))
    await setPasswordHash(db(), account.userId, await hashPassword(password));
  return db().transaction((tx) => startSession(tx, account.userId, "password", origin, at));
}

/** Starts a session on the device of `origin` and writes down how somebody came in. */
export async function startSession(
  tx: Tx,
  userId: string,
  method: Method,
  origin: Origin,
  at: Date,
): Promise<Claims> {
  const claims = await createSession(tx, { userId, userAgent: origin.userAgent }, at);
  const entry = { action: "session.created", actorUserId: userId, target: claims.sessionId };
  await recordAudit(tx, { ...entry, data: { method } }, at);
  return claims;
}

/**
 * Gives an account to whoever has just shown that they read its mail. If nobody had shown that before, whoever signed up
 * may have been a stranger who lay in wait with a password of their own: that password, their sessions and the keys they
 * made end here, so that nothing of theirs spends what the owner will pay for.
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
