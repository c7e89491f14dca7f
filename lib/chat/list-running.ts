import { and, asc, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, generations } from "#db/schema/chat.ts";

export type RunningAnswer = { conversationId: string; generationId: string };

/** The answers that are being written for a person right now, in whatever tab or device they were asked for, oldest first. */
export async function listRunning(tx: Tx, workspaceId: string, userId: string): Promise<RunningAnswer[]> {
  return tx
    .select({ conversationId: generations.conversationId, generationId: generations.id })
    .from(generations)
    .innerJoin(conversations, eq(conversations.id, generations.conversationId))
    .where(
      and(
        eq(generations.status, "running"),
        eq(generations.workspaceId, workspaceId),
        eq(generations.userId, userId),
        isNull(conversations.deletedAt),
      ),
    )
    .orderBy(asc(generations.startedAt));
}
