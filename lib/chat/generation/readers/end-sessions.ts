import { eq, sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { apiKeys, workspaces } from "#db/schema/accounts.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { revokeAllSessions } from "#lib/accounts/sessions.ts";
import { type Operator, requireOperatorRole } from "#lib/billing/operator/operator-role.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/generation/readers/wake-bus.ts";
import { notFound } from "#lib/core/errors.ts";

/**
 * Signs a user out everywhere: ends all sessions, with everything that they read, and the running requests of
 * the API keys. The keys stay valid, and running answers of the chat are completed.
 * @returns the number of ended sessions
 * @throws AppError not_found
 */
export async function endSessions(
  operator: Operator,
  workspaceId: string,
  at: Date,
): Promise<{ ended: number }> {
  requireOperatorRole(operator);
  return db().transaction(async (tx) => {
    const [workspace] = await tx
      .select({ userId: workspaces.personalUserId })
      .from(workspaces)
      .where(eq(workspaces.id, workspaceId));
    const userId = workspace?.userId ?? null;
    if (userId === null) throw notFound("account");
    const ended = await revokeAllSessions(tx, userId, at);
    const keys = await tx
      .select({ id: apiKeys.id })
      .from(apiKeys)
      .where(eq(apiKeys.workspaceId, workspaceId));
    const ids = keys.map(({ id }) => id);
    // Triggers of the database tell the readers of the sessions.
    for (const message of wakeMessages("revoked", "operator", ids))
      await tx.execute(sql`select pg_notify(${wakeChannel}, ${message})`);
    const entry = { action: "sessions.ended", actorUserId: operator.userId, workspaceId, target: userId };
    await recordAudit(tx, { ...entry, data: { sessions: ended } }, at);
    return { ended };
  });
}
