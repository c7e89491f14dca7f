import { and, eq, sql } from "drizzle-orm";
import type { Db } from "#db/client.ts";
import { conversations } from "#db/schema/chat.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";

export type ForkRequest = {
  /** The last message of the branch to copy. */
  messageId: string;
  /** Chosen by the client: a repeated request finds the copy of the first one. */
  conversationId: string;
  /** Returns the title of the copy, from that of the original. */
  titleOf: (title: string) => string;
};

/**
 * Copies the branch from its first message to a message into a new conversation, and returns its title. The
 * copies have no generations, so nothing is charged and no receipt counts twice. Safe to repeat.
 * @throws AppError not_found, also for another user's message; conflict while the answer is being written
 */
export async function forkConversation(
  db: Db,
  workspaceId: string,
  userId: string,
  { messageId, conversationId, titleOf }: ForkRequest,
  at: Date,
): Promise<{ title: string }> {
  return db.transaction(async (tx) => {
    const [source] = await tx.execute<{
      title: string;
      model: string;
      parameters: unknown;
      status: string;
      sourceId: string;
      projectId: string | null;
    }>(sql`
      select c.title, c.model, c.parameters, m.status, c.id as "sourceId", c.project_id as "projectId"
      from messages m join conversations c on c.id = m.conversation_id
      where m.id = ${messageId}::uuid and c.workspace_id = ${workspaceId}::uuid and c.user_id = ${userId}::uuid
        and c.deleted_at is null`);
    if (source === undefined) throw notFound("message");
    if (source.status === "streaming")
      throw new AppError("conflict", { reason: errorReason("answerRunning") });
    const title = titleOf(source.title).slice(0, 200).toWellFormed();
    const { model, parameters, sourceId, projectId } = source;
    const created = await tx
      .insert(conversations)
      .values({
        ...{
          id: conversationId,
          workspaceId,
          userId,
          title,
          titleSource: "named" as const,
          model,
          parameters,
          projectId,
        },
        ...{ createdAt: at, updatedAt: at },
      })
      .onConflictDoNothing()
      .returning({ id: conversations.id });
    if (created.length === 0) {
      const own = and(eq(conversations.workspaceId, workspaceId), eq(conversations.userId, userId));
      const [existing] = await tx
        .select({ title: conversations.title })
        .from(conversations)
        .where(and(own, eq(conversations.id, conversationId)));
      if (existing === undefined) throw notFound("conversation");
      return existing;
    }
    await tx.execute(sql`
      with recursive branch as (
        select id, parent_id, gen_random_uuid() as copy_id from messages
        where id = ${messageId}::uuid and conversation_id = ${sourceId}::uuid
        union all
        select m.id, m.parent_id, gen_random_uuid() from branch b join messages m on m.id = b.parent_id
        where m.conversation_id = ${sourceId}::uuid
      ), copied as (
        insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, tokens, model,
          instruction, status, created_at)
        select b.copy_id, m.workspace_id, ${conversationId}::uuid, p.copy_id, m.role, m.parts, m.content, m.tokens,
          m.model, m.instruction, m.status, m.created_at
        from branch b join messages m on m.id = b.id left join branch p on p.id = b.parent_id
      ), files as (
        insert into message_attachments (message_id, attachment_id, position)
        select b.copy_id, f.attachment_id, f.position from branch b join message_attachments f on f.message_id = b.id
      )
      update conversations set active_leaf_id = (select copy_id from branch where id = ${messageId}::uuid)
      where id = ${conversationId}::uuid`);
    return { title };
  });
}
