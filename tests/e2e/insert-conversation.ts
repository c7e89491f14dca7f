import { connect } from "#db/client.ts";
import { newId } from "#lib/core/ids.ts";

/**
 * Inserts a conversation of alternating questions and answers into the app's database.
 * @param email the address of its owner
 * @param texts the messages, the first one by the user
 * @returns the conversation's id
 */
export async function insertConversation(email: string, texts: string[]): Promise<string> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  try {
    const [owner] = await sql<{ userId: string; workspaceId: string }[]>`
      select u.id as "userId", w.id as "workspaceId" from users u join workspaces w on w.personal_user_id = u.id
      where u.email = ${email}`;
    if (owner === undefined) throw new Error(`${email} has no workspace.`);
    const { userId, workspaceId } = owner;
    const id = newId();
    const ids = texts.map(() => newId());
    // In one transaction, as the product writes them; the search index relies on it.
    await sql.begin(async (tx) => {
      await tx`
      insert into conversations (id, workspace_id, user_id, title, title_source, model, active_leaf_id, created_at, updated_at)
      values (${id}, ${workspaceId}, ${userId}, 'Long', 'named', 'gpt-5.4-mini', ${ids.at(-1) ?? null}, now(), now())`;
      await tx`
      insert into messages (id, workspace_id, conversation_id, parent_id, role, parts, content, tokens, model, status, created_at)
      select m.id, ${workspaceId}, ${id}, m.parent, case when m.nr % 2 = 1 then 'user' else 'assistant' end,
        jsonb_build_array(jsonb_build_object('type', 'text', 'text', m.text)), m.text, 20,
        case when m.nr % 2 = 1 then null else 'gpt-5.4-mini' end, 'done', now() - (1000 - m.nr) * interval '1 minute'
      from unnest(${ids}::uuid[], ${[null, ...ids.slice(0, -1)]}::uuid[], ${texts}::text[]) with ordinality as m (id, parent, text, nr)`;
    });
    return id;
  } finally {
    await sql.end();
  }
}

/** Questions and answers with every kind of block; answer N ends with the words "Answer N ends here." */
export function sampleMessages(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    index % 2 === 0
      ? `Question ${index + 1}`
      : `### Part\n\n\`\`\`ts\nconst a = ${index};\n\`\`\`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. one\n2. two\n\nAnswer ${index + 1} ends here.`,
  );
}
