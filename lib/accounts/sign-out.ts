import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { discardPendingSignIn } from "#lib/accounts/second-factors/pending-sign-in.ts";
import { revokeAllSessions, revokeSession, type SessionClaims } from "#lib/accounts/sessions.ts";
import { notFound } from "#lib/core/errors.ts";

/** Revokes the current session, or gives up a sign-in that waits for its second factor. */
export async function signOut(claims: SessionClaims, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    await discardPendingSignIn(tx, claims.sessionId);
    if (!(await revokeSession(tx, claims, at))) return;
    const { userId, sessionId } = claims;
    await recordAudit(tx, { action: "session.ended", actorUserId: userId, target: sessionId }, at);
  });
}

/**
 * Revokes the session of another device of the same user.
 * @throws AppError `not_found` if the session belongs to another user or has ended
 */
export async function signOutDevice(claims: SessionClaims, sessionId: string, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    const { userId } = claims;
    if (!(await revokeSession(tx, { userId, sessionId }, at))) throw notFound("device");
    const entry = { action: "session.revoked", actorUserId: userId, target: sessionId };
    await recordAudit(tx, entry, at);
  });
}

/**
 * Revokes all sessions of a user, including the current one.
 * @returns the number of revoked sessions
 */
export async function signOutEverywhere(claims: SessionClaims, at: Date): Promise<number> {
  return db().transaction(async (tx) => {
    const { userId } = claims;
    const signedOut = await revokeAllSessions(tx, userId, at);
    const entry = { action: "session.all_revoked", actorUserId: userId, target: userId };
    await recordAudit(tx, { ...entry, data: { signedOut } }, at);
    return signedOut;
  });
}
