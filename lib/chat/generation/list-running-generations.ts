import { and, asc, eq, isNull } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { conversations, generations } from "#db/schema/chat.ts";

export type RunningGeneration = { conversationId: string; generationId: string };

/** Returns a user's generations that run now, started in any tab or on any device, oldest first. */
export async function listRunningGenerations(
  tx: Tx,
  workspaceId: string,
  userId: string,
): Promise<RunningGeneration[]> {
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
