import { and, desc, eq, isNotNull, isNull, lt, or } from "drizzle-orm";
import { db, type Tx } from "#db/client.ts";
import { users } from "#db/schema/accounts.ts";
import { shares } from "#db/schema/sharing.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator/operator-role.ts";
import { notFound } from "#lib/core/errors.ts";

/** A public link as operators see it. */
export type OperatorShare = {
  id: string;
  token: string;
  title: string;
  workspaceId: string;
  email: string;
  createdAt: Date;
  expiresAt: Date | null;
  takenDownAt: Date | null;
};

/** Lists links that are not revoked, newest first. */
export async function listAllShares(
  tx: Tx,
  {
    state,
    token,
    before,
  }: {
    state: "open" | "takenDown";
    token?: string | undefined;
    before?: { at: Date; id: string } | undefined;
  },
  limit: number,
): Promise<OperatorShare[]> {
  return tx
    .select({
      id: shares.id,
      token: shares.token,
      title: shares.title,
      workspaceId: shares.workspaceId,
      email: users.email,
      createdAt: shares.createdAt,
      expiresAt: shares.expiresAt,
      takenDownAt: shares.takenDownAt,
    })
    .from(shares)
    .innerJoin(users, eq(users.id, shares.userId))
    .where(
      and(
        isNull(shares.revokedAt),
        state === "open" ? isNull(shares.takenDownAt) : isNotNull(shares.takenDownAt),
        token === undefined ? undefined : eq(shares.token, token),
        before === undefined
          ? undefined
          : or(
              lt(shares.createdAt, before.at),
              and(eq(shares.createdAt, before.at), lt(shares.id, before.id)),
            ),
      ),
    )
    .orderBy(desc(shares.createdAt), desc(shares.id))
    .limit(limit);
}

/**
 * Takes a link down at once; its owner cannot undo it. Repeating it changes nothing.
 * @throws AppError `not_found`
 */
export async function takeDownShare(operator: Operator, id: string, at: Date): Promise<void> {
  requireOperatorRole(operator);
  await db().transaction(async (tx) => {
    const [share] = await tx
      .select({ workspaceId: shares.workspaceId, takenDownAt: shares.takenDownAt })
      .from(shares)
      .where(eq(shares.id, id))
      .for("update");
    if (share === undefined) throw notFound("share");
    if (share.takenDownAt !== null) return;
    await tx.update(shares).set({ takenDownAt: at }).where(eq(shares.id, id));
    const { workspaceId } = share;
    const entry = { action: "share.taken_down", actorUserId: operator.userId, workspaceId, target: id };
    await recordAudit(tx, entry, at);
  });
}
