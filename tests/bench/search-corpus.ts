import type postgres from "postgres";
import { newId } from "#lib/core/ids.ts";

export type Owner = { workspaceId: string; userId: string };

/** Words of the corpus; the frequency of a word falls with its rank, as in languages. */
const vocabulary = 30_000;
const years = 2;
const conversationsPerBatch = 200;
const chinese = [
  "今天天气很好，明天也是晴天吗？",
  "请帮我写一封信。",
  "这个函数返回什么？",
  "我想学习做饭。",
];

/** The word of a rank, from the most frequent one (0). */
export function wordOfRank(rank: number): string {
  const [consonants, vowels] = ["bdfgklmnprstvz", "aeiou"];
  let word = "";
  let rest = rank + 14;
  while (rest > 0) {
    word += (consonants[rest % 14] ?? "b") + (vowels[Math.floor(rest / 14) % 5] ?? "a");
    rest = Math.floor(rest / 70);
  }
  return word;
}

/** Writes conversations with messages like those of a chat: questions of 30 words and answers of 150. */
export async function fillConversations(
  sql: postgres.Sql,
  { workspaceId, userId }: Owner,
  count: number,
  messagesEach: number,
  at: Date,
): Promise<void> {
  const random = createRandom(7);
  const periodMs = years * 365 * 86_400_000;
  for (let start = 0; start < count; start += conversationsPerBatch) {
    const ids = Array.from({ length: Math.min(conversationsPerBatch, count - start) }, () => newId());
    const times = ids.map((_, index) => at.getTime() - periodMs * (1 - (start + index + 1) / (count + 1)));
    const rows = ids.flatMap((id, index) =>
      Array.from({ length: messagesEach }, (_, number) => ({
        id: newId(),
        conversation: id,
        role: number % 2 === 0 ? "user" : "assistant",
        model: number % 2 === 0 ? null : random() < 0.01 ? "model-rare" : "model-a",
        content: writeText(random, number % 2 === 0 ? 30 : 150),
        at: new Date((times[index] ?? 0) + number * 1_000).toISOString(),
      })),
    );
    await sql.begin(async (tx) => {
      await tx`insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at, pinned_at)
        select c.id, ${workspaceId}, ${userId}, c.title, 'model-a', c.at::timestamptz, c.at::timestamptz,
          case when c.nr % 50 = 0 then c.at::timestamptz end
        from unnest(${ids}::uuid[], ${ids.map(() => writeText(random, 5))}::text[],
          ${times.map((time) => new Date(time).toISOString())}::text[]) with ordinality as c (id, title, at, nr)`;
      await tx`insert into messages (id, workspace_id, conversation_id, role, parts, content, model, status, created_at)
        select m.id, ${workspaceId}, m.conversation, m.role, '[]', m.content, m.model, 'done', m.at
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
          as m (id uuid, conversation uuid, role text, model text, content text, at timestamptz)`;
    });
  }
}

function writeText(random: () => number, words: number): string {
  const text = Array.from({ length: words }, () => {
    const word = wordOfRank(Math.floor(vocabulary ** random()) - 1);
    const kind = random();
    return kind < 0.01 ? `get_${word}` : kind < 0.02 ? `${word}.` : kind < 0.03 ? `**${word}**` : word;
  }).join(" ");
  const sentence = chinese[Math.floor(random() * chinese.length)] ?? "";
  return random() < 0.1 ? `${text} ${sentence}` : text;
}

/** Repeatable numbers from 0 to 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
