import { db, type Tx } from "#db/client.ts";
import { revokePersonalKeys } from "#lib/accounts/api-keys.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { forgetDevices } from "#lib/accounts/devices/known-devices.ts";
import { addressDigest } from "#lib/accounts/email-address.ts";
import { auditOrigin, openSession, type SignInMethod } from "#lib/accounts/open-session.ts";
import { hashPassword, needsRehash, verifyPassword } from "#lib/accounts/password.ts";
import { createPendingSignIn } from "#lib/accounts/second-factors/pending-sign-in.ts";
import { hasSecondFactor, removeSecondFactors } from "#lib/accounts/second-factors/second-factor.ts";
import { revokeAllSessions, type SessionClaims } from "#lib/accounts/sessions.ts";
import { limitAttempts, type RequestOrigin } from "#lib/accounts/sign-in-limits.ts";
import { type Account, findUserByEmail, markEmailVerified, setPasswordHash } from "#lib/accounts/users.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { traced } from "#lib/core/observability/tracing.ts";

/**
 * Signs in with an email address and a password.
 * @throws AppError `unauthenticated`, with the same message and after the same work for known and unknown
 *   addresses; `too_many_requests`
 */
export const signInWithPassword = traced(
  "accounts.signInWithPassword",
  async (
    input: { email: string; password: string; origin: RequestOrigin },
    at: Date,
  ): Promise<SessionClaims> => {
    const { email, password, origin } = input;
    await limitAttempts(db(), "password", { email, origin }, at);
    const account = await findUserByEmail(db(), email);
    const matches = await verifyPassword(account?.passwordHash ?? null, password);
    if (account === null || !matches) {
      await recordFailedSignIn(account, input, at);
      throw new AppError("unauthenticated", { reason: errorReason("passwordMismatch") });
    }
    if (account.passwordHash !== null && needsRehash(account.passwordHash))
      await setPasswordHash(db(), account.userId, await hashPassword(password));
    return db().transaction((tx) => startSession(tx, account.userId, "password", origin, at));
  },
);

/** Names the account, or the address's digest where no account has it. */
async function recordFailedSignIn(
  account: Account | null,
  { email, origin }: { email: string; origin: RequestOrigin },
  at: Date,
): Promise<void> {
  const data = { method: "password", ...auditOrigin(origin) };
  const target = account?.userId ?? addressDigest(email);
  await recordAudit(db(), { action: "session.failed", actorUserId: null, target, data }, at);
}

/**
 * Creates a session for the client `origin` after a first factor was accepted. An account with a second
 * factor gets a pending sign-in instead, which `completeSignIn` turns into a session.
 * @returns the claims of the cookie
 */
export async function startSession(
  tx: Tx,
  userId: string,
  method: SignInMethod,
  origin: RequestOrigin,
  at: Date,
): Promise<SessionClaims> {
  if (!(await hasSecondFactor(tx, userId))) return openSession(tx, userId, { method }, origin, at);
  const claims = await createPendingSignIn(tx, userId, method, at);
  const data = { method, ...auditOrigin(origin) };
  const entry = { action: "session.second_factor_required", actorUserId: userId, target: userId, data };
  await recordAudit(tx, entry, at);
  return claims;
}

/**
 * Hands an account to the user who has just proven access to its mailbox. If the address was not verified
 * before, a stranger may have signed up with it, so the password, the second factors, all sessions and all
 * API keys are revoked.
 */
export async function claimAccount(tx: Tx, account: Account, at: Date): Promise<void> {
  if (account.emailVerifiedAt !== null) return;
  const { userId } = account;
  await markEmailVerified(tx, userId, at);
  await setPasswordHash(tx, userId, null);
  await removeSecondFactors(tx, userId);
  await forgetDevices(tx, userId);
  await revokeAllSessions(tx, userId, at);
  const keysRevoked = await revokePersonalKeys(tx, userId, at);
  const data = { passwordDropped: account.passwordHash !== null, keysRevoked };
  await recordAudit(tx, { action: "account.claimed", actorUserId: userId, target: userId, data }, at);
}
