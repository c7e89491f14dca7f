import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "#lib/core/ids.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

const at = new Date("2026-11-03T12:00:00Z");
const moment = at.toISOString();
const daysAgo = (days: number) => new Date(at.getTime() - days * 86_400_000).toISOString();
const ids = { user: newId(), workspace: newId() };
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const { sql } = database;
  await sql`insert into users (id, email, name, created_at) values (${ids.user}, 'a@b.example', 'A', ${moment})`;
  await sql`insert into workspaces (id, name, personal_user_id, created_at)
    values (${ids.workspace}, 'A', ${ids.user}, ${moment})`;
});
afterAll(() => database.drop());

async function insertCall(days: number): Promise<void> {
  await database.sql`
    insert into openai_interactions (id, workspace_id, purpose, model, upstream, prompt_tokens, completion_tokens,
      cost_micros, charged_micros, duration_ms, outcome, prompt, answer, at)
    values (${newId()}, ${ids.workspace}, 'chat', 'm', 'u', 1, 1, 1, 1, 1, 'done', 'prompt', 'answer', ${daysAgo(days)})`;
}

async function insertEvent(id: string, days: number, state: "received" | "done"): Promise<void> {
  const processedAt = state === "done" ? daysAgo(days) : null;
  await database.sql`
    insert into stripe_events (id, type, payload, state, created_at, received_at, processed_at)
    values (${id}, 'invoice.paid', '{"id": "in_1"}', ${state}, ${daysAgo(days)}, ${daysAgo(days)}, ${processedAt})`;
}

/** Inserts a generation with a replay log; null for a running one. */
async function insertGeneration(endedHoursAgo: number | null): Promise<string> {
  const { sql } = database;
  const [conversation, message, generation] = [newId(), newId(), newId()];
  const endedAt =
    endedHoursAgo === null ? null : new Date(at.getTime() - endedHoursAgo * 3_600_000).toISOString();
  await sql`insert into conversations (id, workspace_id, user_id, title, model, created_at, updated_at)
    values (${conversation}, ${ids.workspace}, ${ids.user}, 'T', 'm', ${moment}, ${moment})`;
  await sql`insert into messages (id, workspace_id, conversation_id, role, parts, content, created_at)
    values (${message}, ${ids.workspace}, ${conversation}, 'assistant', '[]', 'kept', ${moment})`;
  await sql`insert into generations (id, workspace_id, user_id, conversation_id, message_id, model, status, instance_id,
      heartbeat_at, started_at, ended_at)
    values (${generation}, ${ids.workspace}, ${ids.user}, ${conversation}, ${message}, 'm',
      ${endedAt === null ? "running" : "done"}, 'i', ${moment}, ${daysAgo(3)}, ${endedAt})`;
  for (const seq of [0, 1])
    await sql`insert into generation_events (generation_id, seq, event, at) values (${generation}, ${seq}, '{}', ${moment})`;
  return generation;
}

test("request logs are deleted after 90 days", async () => {
  await insertCall(91);
  await insertCall(89);
  await applyRetention(at);
  const left = await database.sql`select at from openai_interactions`;
  expect(left.map((row) => new Date(row.at).toISOString())).toEqual([daysAgo(89)]);
});

test("webhook payloads are deleted after 90 days, except for unprocessed events", async () => {
  await insertEvent("evt_old", 91, "done");
  await insertEvent("evt_waiting", 91, "received");
  await insertEvent("evt_young", 89, "done");
  await applyRetention(at);
  const rows = await database.sql`select id, payload from stripe_events order by id`;
  expect([...rows]).toEqual([
    { id: "evt_old", payload: {} },
    { id: "evt_waiting", payload: { id: "in_1" } },
    { id: "evt_young", payload: { id: "in_1" } },
  ]);
});

test("replay logs are deleted a day after the generation ended, and running generations keep theirs", async () => {
  const [old, young, running] = [
    await insertGeneration(25),
    await insertGeneration(23),
    await insertGeneration(null),
  ];
  await applyRetention(at);
  const rows = await database.sql`select distinct generation_id as id from generation_events`;
  expect(rows.map((row) => row.id).sort()).toEqual([young, running].sort());
  expect(rows.map((row) => row.id)).not.toContain(old);
  expect(await database.sql`select 1 from messages where content = 'kept'`).toHaveLength(3);
});

test("retention keeps rollups and ledger entries", async () => {
  await database.sql`insert into balances (workspace_id, balance_micros) values (${ids.workspace}, 7)`;
  await database.sql`insert into usage_daily values
    (${ids.workspace}, '2020-01-01', 'm', '00000000-0000-0000-0000-000000000000', 1, 1, 1, 1, 1)`;
  await database.sql`insert into ledger_entries (workspace_id, kind, amount_micros, source, at)
    values (${ids.workspace}, 'grant', 7, 'test', ${daysAgo(1_000)})`;
  await applyRetention(at);
  for (const table of ["balances", "usage_daily", "ledger_entries"])
    expect(await database.sql`select 1 from ${database.sql(table)}`, table).toHaveLength(1);
});

test("S8: a deleted conversation is purged with its messages after 30 days, others are kept", async () => {
  const { sql } = database;
  const age = async (generation: string, days: number | null) =>
    sql`update conversations set deleted_at = ${days === null ? null : daysAgo(days)}
      where id = (select conversation_id from generations where id = ${generation})`;
  const [old, recent, kept, running] = [
    await insertGeneration(1),
    await insertGeneration(1),
    await insertGeneration(1),
    await insertGeneration(null),
  ];
  await age(old, 31);
  await age(recent, 29);
  await age(kept, null);
  await age(running, 31);
  const messagesOf = async (generation: string) => {
    const rows =
      await sql`select m.id from messages m join generations g on g.message_id = m.id where g.id = ${generation}`;
    return rows.length;
  };
  await applyRetention(at);
  expect(await Promise.all([old, recent, kept, running].map(messagesOf))).toEqual([0, 1, 1, 1]);
  const audits = await sql`select target, data from audit_log where action = 'conversations.purged'`;
  expect([...audits]).toEqual([{ target: ids.user, data: { count: 1 } }]);
  const [texts] =
    await sql`select count(*)::int as count from messages where id not in (select message_id from generations)`;
  expect(texts?.count).toBe(0);
});

test("a purged conversation takes its text out of the request log, which keeps its amounts", async () => {
  const { sql } = database;
  const generation = await insertGeneration(1);
  const hold = newId();
  await sql`insert into holds (id, workspace_id, subject_id, subject_kind, model, amount_micros, rates, state,
      charged_micros, taken_at, expires_at, ended_at)
    values (${hold}, ${ids.workspace}, ${generation}, 'generation', 'm', 1, '{}', 'settled', 9, ${moment}, ${moment}, ${moment})`;
  await sql`update generations set hold_id = ${hold} where id = ${generation}`;
  await sql`update conversations set deleted_at = ${daysAgo(31)}
    where id = (select conversation_id from generations where id = ${generation})`;
  await insertCall(1);
  await sql`update openai_interactions set hold_id = ${hold}, charged_micros = 9 where at = ${daysAgo(1)}`;
  await applyRetention(at);
  const rows = await sql`select prompt, answer, charged_micros::int as charged, prompt_tokens as tokens
    from openai_interactions where hold_id = ${hold}`;
  expect([...rows]).toEqual([{ prompt: null, answer: null, charged: 9, tokens: 1 }]);
  expect(await sql`select 1 from generations where id = ${generation}`).toHaveLength(0);
  const others =
    await sql`select 1 from openai_interactions where prompt is null and hold_id is distinct from ${hold}`;
  expect(others).toHaveLength(0);
});
