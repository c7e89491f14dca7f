import type { Identity } from "#lib/accounts/sessions.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import type { TestDatabase } from "#tests/database.ts";

type Turn = { text: string; role?: "user" | "assistant"; parentId?: string | null };

/** Inserts a conversation with a branch; returns its id and the ids of its messages. */
export async function insertConversation(
  { sql }: TestDatabase,
  user: Identity,
  title: string,
  turns: Turn[],
  deleted = false,
) {
  const id = newId();
  const ids = turns.map(() => newId());
  const at = now();
  const moment = at.toISOString();
  await sql`insert into conversations (id, workspace_id, user_id, title, title_source, model, created_at, updated_at,
      active_leaf_id, deleted_at)
    values (${id}, ${user.workspaceId}, ${user.userId}, ${title}, 'named', 'gpt-5-mini', ${moment}, ${moment},
      ${ids.at(-1) ?? null}, ${deleted ? moment : null})`;
  for (const [index, { text, role = index % 2 === 0 ? "user" : "assistant", parentId }] of turns.entries())
    await sql`insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, model, created_at)
      values (${ids[index] ?? ""}, ${user.workspaceId}, ${id},
        ${parentId === undefined ? (ids[index - 1] ?? null) : parentId}, ${role},
        ${JSON.stringify([{ type: "text", text }])}::text::jsonb, ${text}, ${role === "assistant" ? "gpt-5-mini" : null},
        ${new Date(at.getTime() + index).toISOString()})`;
  return { id, ids };
}
