import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type Claims, revokeAllSessions, revokeSession } from "#lib/accounts/sessions.ts";
import { notFound } from "#lib/core/errors.ts";

/** Ends the session of this device; ending it again is no error. */
export async function signOut(claims: Claims, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    if (!(await revokeSession(tx, claims, at))) return;
    const { userId, sessionId } = claims;
    await recordAudit(tx, { action: "session.ended", actorUserId: userId, target: sessionId }, at);
  });
}

/**
 * Ends the session of another device of the same person.
 * @throws AppError `not_found` for a session that is not theirs or has ended
 */
export async function signOutDevice(claims: Claims, sessionId: string, at: Date): Promise<void> {
  await db().transaction(async (tx) => {
    const { userId } = claims;
    if (!(await revokeSession(tx, { userId, sessionId }, at))) throw notFound("device");
    const entry = { action: "session.revoked", actorUserId: userId, target: sessionId };
    await recordAudit(tx, entry, at);
  });
}

/** Ends every session of a person, this one too. @returns how many there were */
export async function signOutEverywhere(claims: Claims, at: Date): Promise<number> {
  return db().transaction(async (tx) => {
    const { userId } = claims;
    const signedOut = await revokeAllSessions(tx, userId, at);
    const entry = { action: "session.all_revoked", actorUserId: userId, target: userId };
    await recordAudit(tx, { ...entry, data: { signedOut } }, at);
    return signedOut;
  });
}
