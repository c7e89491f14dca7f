import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, sessions, users, workspaces } from "#db/schema/accounts.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";

/** What the signed cookie says by itself, without the database. */
export type Claims = { userId: string; sessionId: string };

/** Somebody who is signed in, and the workspace they work in. */
export type Identity = {
  userId: string;
  sessionId: string;
  workspaceId: string;
  role: "user" | "operator";
  memberRole: "member" | "admin" | "owner";
  email: string;
  name: string;
  emailVerifiedAt: Date | null;
  workspaceCreatedAt: Date;
};

/** How long a sign-in on one device lasts. */
export const sessionLifetimeMs = 30 * 86_400_000;
/** How exactly "last seen" is kept; a write on every request would tell nobody more. */
const seenEveryMs = 5 * 60_000;

/**
 * Who a cookie's claims are, in one query that also notes that the device was seen.
 * @returns null when the session was revoked or has expired
 */
export async function readIdentity(tx: Tx, claims: Claims, at: Date): Promise<Identity | null> {
  const mine = and(
    eq(sessions.id, claims.sessionId),
    eq(sessions.userId, claims.userId),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, at),
  );
  const unseenSince = new Date(at.getTime() - seenEveryMs);
  const seen = tx.$with("seen").as(
    tx
      .update(sessions)
      .set({ lastSeenAt: at })
      .where(and(mine, lt(sessions.lastSeenAt, unseenSince)))
      .returning({ id: sessions.id }),
  );
  const [identity] = await tx
    .with(seen)
    .select({
      userId: users.id,
      sessionId: sessions.id,
      workspaceId: workspaces.id,
      role: users.role,
      memberRole: members.role,
      email: users.email,
      name: users.name,
      emailVerifiedAt: users.emailVerifiedAt,
      workspaceCreatedAt: workspaces.createdAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(workspaces, eq(workspaces.personalUserId, users.id))
    .innerJoin(members, and(eq(members.workspaceId, workspaces.id), eq(members.userId, users.id)))
    .where(mine);
  return identity ?? null;
}

/**
 * Starts a session on one device; the id goes into the signed cookie.
 * @throws AppError unauthenticated for somebody whose account is being deleted
 */
export async function createSession(
  tx: Tx,
  session: { userId: string; userAgent: string | null },
  at: Date,
): Promise<Claims> {
  const id = newId();
  // Shared with the deletion's own lock on the row: whoever comes second sees what the first has done.
  const [open] = await tx
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(and(eq(workspaces.personalUserId, session.userId), isNull(workspaces.deletionStartedAt)))
    .for("share");
  if (open === undefined)
    throw new AppError("unauthenticated", { message: "This account is being deleted." });
  await tx.insert(sessions).values({
    id,
    userId: session.userId,
    userAgent: session.userAgent?.slice(0, 400) ?? null,
    createdAt: at,
    lastSeenAt: at,
    expiresAt: new Date(at.getTime() + sessionLifetimeMs),
  });
  return { userId: session.userId, sessionId: id };
}

/** Ends one session of a user at once. @returns whether there was one to end */
export async function revokeSession(tx: Tx, claims: Claims, at: Date): Promise<boolean> {
  const ended = await tx
    .update(sessions)
    .set({ revokedAt: at })
    .where(
      and(eq(sessions.id, claims.sessionId), eq(sessions.userId, claims.userId), isNull(sessions.revokedAt)),
    )
    .returning({ id: sessions.id });
  return ended.length > 0;
}

/**
 * Ends every session of a user at once.
 * @param exceptSessionId the device that asks may stay
 * @returns how many were ended
 */
export async function revokeAllSessions(
  tx: Tx,
  userId: string,
  at: Date,
  exceptSessionId?: string,
): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ revokedAt: at })
    .where(
      and(
        eq(sessions.userId, userId),
        isNull(sessions.revokedAt),
        exceptSessionId === undefined ? undefined : sql`${sessions.id} <> ${exceptSessionId}`,
      ),
    )
    .returning({ id: sessions.id });
  return ended.length;
}
