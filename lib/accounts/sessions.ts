import { randomUUID } from "node:crypto";
import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { members, sessions, users, workspaces } from "#db/schema/accounts.ts";
import { pendingSignIns } from "#db/schema/sign-in.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import type { Locale } from "#lib/core/locale.ts";

/** The content of the encrypted cookie: the id of a session, or of a sign-in without its second factor. */
export type SessionClaims = { userId: string; sessionId: string };

/** A signed-in user and the current workspace. */
export type Identity = {
  userId: string;
  sessionId: string;
  workspaceId: string;
  role: "user" | "operator";
  memberRole: "member" | "admin" | "owner";
  email: string;
  name: string;
  emailVerifiedAt: Date | null;
  /** The chosen language; null follows the browser. */
  locale: Locale | null;
  workspaceCreatedAt: Date;
  /** No free credit before; null without such a limit. */
  freeCreditFrom: Date | null;
  /** When the requested deletion of the account starts; null without a request. */
  deletionDueAt: Date | null;
  /** When the user last proved who they are in this session. */
  provedAt: Date;
};

const dayMs = 86_400_000;
type Role = Identity["role"];
/** A session ends when it was not used for this long. */
export const idleTimeoutMs: Record<Role, number> = { user: 30 * dayMs, operator: 12 * 3_600_000 };
/** A session ends after this time, however often it is used. */
export const sessionLifetimeMs: Record<Role, number> = { user: 90 * dayMs, operator: 7 * dayMs };
/** Precision of "last seen"; avoids a write on every request. */
const lastSeenPrecisionMs = 5 * 60_000;

/**
 * Reads the user of a session and updates its last use in the same query.
 * @returns null if the session was revoked or has expired
 */
export async function readIdentity(tx: Tx, claims: SessionClaims, at: Date): Promise<Identity | null> {
  const isValid = and(
    eq(sessions.id, claims.sessionId),
    eq(sessions.userId, claims.userId),
    isNull(sessions.revokedAt),
    gt(sessions.expiresAt, at),
  );
  const staleBefore = new Date(at.getTime() - lastSeenPrecisionMs);
  const idleTimeout = sql`(select make_interval(secs => case u.role
    when 'operator' then ${idleTimeoutMs.operator / 1_000}::integer else ${idleTimeoutMs.user / 1_000}::integer end)
    from users u where u.id = ${claims.userId})`;
  const seen = tx.$with("seen").as(
    tx
      .update(sessions)
      .set({
        lastSeenAt: at,
        // Every reader of a session compares `expiresAt`, so the idle timeout needs no rule of its own there.
        expiresAt: sql`least(${sessions.endsAt}, ${at.toISOString()}::timestamptz + ${idleTimeout})`,
      })
      .where(and(isValid, lt(sessions.lastSeenAt, staleBefore)))
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
      locale: users.locale,
      workspaceCreatedAt: workspaces.createdAt,
      freeCreditFrom: workspaces.freeCreditFrom,
      deletionDueAt: workspaces.deletionDueAt,
      provedAt: sessions.provedAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(workspaces, eq(workspaces.personalUserId, users.id))
    .innerJoin(members, and(eq(members.workspaceId, workspaces.id), eq(members.userId, users.id)))
    .where(isValid);
  return identity ?? null;
}

/**
 * Creates a session; its random id goes into the encrypted cookie.
 * @throws AppError `unauthenticated` if the account is being deleted
 */
export async function createSession(
  tx: Tx,
  session: { userId: string; userAgent: string | null },
  at: Date,
): Promise<SessionClaims> {
  const id = randomUUID();
  // The deletion updates this row, so the lock orders a concurrent sign-in and deletion.
  const [active] = await tx
    .select({ role: users.role })
    .from(workspaces)
    .innerJoin(users, eq(users.id, workspaces.personalUserId))
    .where(and(eq(workspaces.personalUserId, session.userId), isNull(workspaces.deletionStartedAt)))
    .for("share", { of: workspaces });
  if (active === undefined)
    throw new AppError("unauthenticated", { reason: errorReason("accountBeingDeleted") });
  await tx.insert(sessions).values({
    id,
    userId: session.userId,
    userAgent: session.userAgent?.slice(0, 400) ?? null,
    createdAt: at,
    lastSeenAt: at,
    expiresAt: new Date(at.getTime() + idleTimeoutMs[active.role]),
    endsAt: new Date(at.getTime() + sessionLifetimeMs[active.role]),
    provedAt: at,
  });
  return { userId: session.userId, sessionId: id };
}

/**
 * Revokes a session of a user.
 * @returns whether the session was active
 */
export async function revokeSession(tx: Tx, claims: SessionClaims, at: Date): Promise<boolean> {
  const revoked = await tx
    .update(sessions)
    .set({ revokedAt: at })
    .where(
      and(eq(sessions.id, claims.sessionId), eq(sessions.userId, claims.userId), isNull(sessions.revokedAt)),
    )
    .returning({ id: sessions.id });
  return revoked.length > 0;
}

/**
 * Revokes all sessions of a user, and ends the sign-ins that wait for a second factor.
 * @param exceptSessionId a session to keep, such as the current one
 * @returns the number of revoked sessions
 */
export async function revokeAllSessions(
  tx: Tx,
  userId: string,
  at: Date,
  exceptSessionId?: string,
): Promise<number> {
  await tx.delete(pendingSignIns).where(eq(pendingSignIns.userId, userId));
  const revoked = await tx
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
  return revoked.length;
}
