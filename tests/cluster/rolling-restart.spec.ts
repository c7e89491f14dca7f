import { setTimeout as pause } from "node:timers/promises";
import { appServices } from "#sandbox/cluster/app-services.ts";
import { longText } from "#sandbox/openai/prepared-answers.ts";
import { addUser, chat, headersOf, newStart } from "#tests/cluster/chat-client.ts";
import { expect, test } from "#tests/cluster/fixtures.ts";
import { http2Client } from "#tests/cluster/http-client.ts";

const longStreams = 4;
/** About seven seconds: they run while an app is restarted. */
const longTokens = 400;
const shortStreams = 8;
const shortTokens = 60;

type Answer = { generationId: string; tokens: number; text: string; outcome: string; reconnects: number };

test("a rolling restart under load loses and doubles neither answers nor charges", async ({ cluster }) => {
  test.setTimeout(300_000);
  const { sql } = cluster.connection;
  const client = http2Client(cluster.url, cluster.certificatePath);
  let isRestarting = true;
  const answers: Answer[] = [];

  /** Sends one message after the other, each in a new conversation, until the restarts are over. */
  async function keepChatting(tokens: number): Promise<string> {
    const user = await addUser(cluster);
    const headers = headersOf(user, cluster.url);
    while (isRestarting) {
      const start = newStart(`long ${tokens} tokens`);
      const { text, end, reconnects } = await chat(client, headers, start);
      const { generationId } = start;
      answers.push({ generationId, tokens, text, outcome: end?.outcome ?? "none", reconnects });
      // A workspace may start 60 answers a minute.
      await pause(500);
    }
    return user.workspaceId;
  }

  const load = Promise.all([
    ...Array.from({ length: longStreams }, () => keepChatting(longTokens)),
    ...Array.from({ length: shortStreams }, () => keepChatting(shortTokens)),
  ]);
  await expect.poll(() => answers.length).toBeGreaterThan(shortStreams);
  for (const service of appServices) {
    const before = answers.length;
    const startedAt = performance.now();
    await cluster.restart(service);
    process.stdout.write(`  ${service} restarted in ${Math.round(performance.now() - startedAt)} ms\n`);
    await expect.poll(() => answers.length).toBeGreaterThan(before);
  }
  isRestarting = false;
  const workspaceIds = await load;
  client.close();

  const reconnected = answers.filter(({ reconnects }) => reconnects > 0).length;
  process.stdout.write(`  ${answers.length} answers during the restarts, ${reconnected} reconnected\n`);
  expect(answers.filter(({ outcome }) => outcome !== "done")).toEqual([]);
  for (const { tokens, text } of answers) expect(text).toBe(longText(tokens));

  const own = sql`workspace_id = any(${workspaceIds}::uuid[])`;
  const generations = await sql<{ id: string; status: string; text: string }[]>`
    select g.id, g.status, m.content as text from generations g join messages m on m.id = g.message_id
    where g.${own}`;
  expect(generations.filter(({ status }) => status !== "done")).toEqual([]);
  const stored = new Map(generations.map(({ id, text }) => [id, text]));
  expect([...stored.keys()].sort()).toEqual(answers.map(({ generationId }) => generationId).sort());
  for (const { generationId, text } of answers) expect(stored.get(generationId)).toBe(text);

  const [charges] = await sql`
    select (select count(*)::int from openai_interactions where ${own} and purpose = 'chat') as calls,
      (select count(distinct hold_id)::int from generations where ${own}) as holds,
      (select count(*)::int from holds where ${own} and state = 'held') as open,
      (select sum(held_micros)::int from balances where ${own}) as held`;
  expect(charges).toEqual({ calls: answers.length, holds: answers.length, open: 0, held: 0 });
  const [sums] = await sql`
    select (select sum(charged_micros)::int from generations where ${own}) as answers,
      (select coalesce(-sum(amount_micros), 0)::int from ledger_entries where kind = 'spend'
        and hold_id in (select hold_id from generations where ${own})) as spent`;
  expect(sums?.answers).toBeGreaterThan(0);
  expect(sums?.spent).toBe(sums?.answers);
  const drifted = await sql`
    select b.workspace_id from balances b left join ledger_entries l on l.workspace_id = b.workspace_id
    where b.${own} group by b.workspace_id, b.balance_micros
    having b.balance_micros <> coalesce(sum(l.amount_micros), 0)`;
  expect([...drifted]).toEqual([]);
});
