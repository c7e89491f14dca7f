import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { deleteChats } from "#lib/chat/conversations/delete-chats.ts";
import { readGeneration } from "#lib/chat/generation/readers/read-generation.ts";
import { reapGenerations } from "#lib/chat/generation/reaper.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { stopGeneration } from "#lib/chat/generation/stop-generation.ts";
import {
  type HistoryMessage,
  type StartGeneration,
  startGenerationSchema,
} from "#lib/chat/generation/stream-events.ts";
import { purgeTemporaryLogs, temporaryLogMs } from "#lib/chat/generation/temporary-log.ts";
import { textsToCheck } from "#lib/chat/moderation/moderate-input.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { applyRetention } from "#lib/jobs/retention.ts";
import { findModel } from "#lib/usage/price-list.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  pollOptions,
  readCredit,
  readToEnd,
  start,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const model = "gpt-5.4-mini";
let env: ChatTestEnv;
let runtime: ChatRuntime;
let user: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  user = await addUser(env);
});
afterEach(() => void vi.stubEnv("LOG_CONTENT", "off"));
afterAll(() => env.close());

const temporaryInput = (
  text: string,
  history: HistoryMessage[] = [],
  more: Partial<StartGeneration> = {},
): StartGeneration => startInput(text, model, { temporary: { history }, ...more });

const later = (ms: number) => new Date(now().getTime() + ms);
const signal = () => new AbortController().signal;

/** The tables that contain a text anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await env.sql<{ name: string }[]>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await env.sql.unsafe<{ found: boolean }[]>(
      `select exists (select from ${name} t where t::text like '%' || $1 || '%') as found`,
      [text],
    );
    if (row?.found) found.push(name);
  }
  return found;
}

test("a temporary chat stores a receipt and no text, whatever the request log retains", async () => {
  vi.stubEnv("LOG_CONTENT", "full");
  const owner = await addUser(env);
  const marker = `zebra${newId().slice(-8)}`;
  const { text, end, titles } = await generate(runtime, owner, temporaryInput(`say exactly: ${marker}`));
  expect(text).toBe(marker);
  expect(end).toMatchObject({ outcome: "done" });
  expect(titles).toEqual([]);
  // A reader whose connection broke may still resume.
  expect(await tablesWith(marker)).toEqual(["public.generation_events"]);
  expect(await purgeTemporaryLogs(later(temporaryLogMs - 60_000))).toBe(0);
  expect(await purgeTemporaryLogs(later(temporaryLogMs + 60_000))).toBeGreaterThan(0);
  expect(await tablesWith(marker)).toEqual([]);

  const [left] = await env.sql`
    select (select count(*) from conversations where user_id = ${owner.userId})::int as conversations,
      (select count(*) from messages where workspace_id = ${owner.workspaceId})::int as messages,
      (select count(*) from openai_interactions where workspace_id = ${owner.workspaceId} and prompt is null
        and answer is null and purpose = 'chat')::int as calls`;
  expect(left).toEqual({ conversations: 0, messages: 0, calls: 1 });
  const credit = await readCredit(env, owner);
  expect(credit).toMatchObject({ open: 0, held: 0, charges: 1, spent: end?.receipt?.chargedMicros });
  expect(credit.balance).toBe(1_000_000 - credit.spent);

  await applyRetention(later(2 * 86_400_000));
  const rest = await env.sql`select id from generations where workspace_id = ${owner.workspaceId}`;
  expect(rest).toHaveLength(0);
  expect(await readCredit(env, owner)).toEqual(credit);
});

test("a temporary turn costs what the same turn of a stored chat costs", async () => {
  const first = startInput("say exactly: blue", model);
  await generate(runtime, user, first);
  const next = { conversationId: first.conversationId, parentId: first.answerId };
  const stored = await generate(runtime, user, startInput("say exactly: green", model, next));
  const history: HistoryMessage[] = [
    { role: "user", text: "say exactly: blue" },
    { role: "assistant", text: "blue" },
  ];
  const temporary = await generate(runtime, user, temporaryInput("say exactly: green", history));
  const { firstTokenMs: _, durationMs: __, ...receipt } = stored.end?.receipt ?? {};
  expect(temporary.end?.receipt).toMatchObject(receipt);
});

test("a temporary chat regenerates the answer to its last message, and continues its last answer", async () => {
  const history: HistoryMessage[] = [{ role: "user", text: "say exactly: again" }];
  const { text } = await generate(runtime, user, temporaryInput("", history, { message: null }));
  expect(text).toBe("again");
  const answered: HistoryMessage[] = [...history, { role: "assistant", text: "again" }];
  const rest = await generate(runtime, user, temporaryInput("", answered, { message: null }));
  expect(rest.end?.outcome).toBe("done");
  const nothing = start(runtime, user, temporaryInput("", [], { message: null }));
  await expect(nothing).rejects.toMatchObject({ code: "not_found" });
});

test("a long history is counted within the context window, without its oldest messages", async () => {
  const history = Array.from(
    { length: 60 },
    (_, index): HistoryMessage => ({
      role: index % 2 === 0 ? "user" : "assistant",
      text: "word ".repeat(10_000),
    }),
  );
  const rich = await addUser(env, 100_000_000);
  const { end } = await generate(runtime, rich, temporaryInput("say exactly: end", history));
  expect(end?.outcome).toBe("done");
  const tokens = end?.receipt?.promptTokens ?? 0;
  expect(tokens).toBeGreaterThan(200_000);
  expect(tokens).toBeLessThan(findModel(model)?.contextWindow ?? 0);
});

test("a repeated request reads the first answer of a temporary chat and is charged once", async () => {
  const owner = await addUser(env);
  const input = temporaryInput("say exactly: once");
  const results = await Promise.all([generate(runtime, owner, input), generate(runtime, owner, input)]);
  expect(results.map(({ text }) => text)).toEqual(["once", "once"]);
  expect(await readCredit(env, owner)).toMatchObject({ charges: 1, open: 0 });
});

test("any instance resumes a temporary answer until ten minutes after its end, and then it is gone", async () => {
  const input = temporaryInput("say exactly: alpha beta gamma");
  const { text } = await generate(runtime, user, input);
  const other = env.addInstance();
  const rest = await readToEnd(
    await readGeneration(user, input.generationId, 6, signal(), other),
    text.slice(0, 6),
  );
  expect(rest).toMatchObject({ text, end: { outcome: "done" } });
  const stranger = await addUser(env);
  await expect(readGeneration(stranger, input.generationId, 0, signal(), other)).rejects.toMatchObject({
    code: "not_found",
  });
  await env.sql`update generations set ended_at = ended_at - interval '11 minutes' where id = ${input.generationId}`;
  await expect(readGeneration(user, input.generationId, 6, signal(), other)).rejects.toMatchObject({
    code: "not_found",
  });
});

test("stopping a temporary answer charges what was received", async () => {
  const owner = await addUser(env);
  const input = temporaryInput("hello", [], { model: "sandbox-endless" });
  const started = await start(runtime, owner, input);
  await readToEnd(await started.read(0, signal()), "", (text) => text.length > 20);
  await stopGeneration(owner, input.generationId, runtime);
  const { end } = await readToEnd(await readGeneration(owner, input.generationId, 0, signal(), runtime));
  expect(end).toMatchObject({ outcome: "stopped", receipt: { estimated: true } });
  expect(await readCredit(env, owner)).toMatchObject({ charges: 1, open: 0 });
});

test("the reaper charges the temporary answer of a dead process by its log and stores no text", async () => {
  const owner = await addUser(env);
  const dying = env.addInstance();
  const input = temporaryInput("hello", [], { model: "sandbox-stall" });
  const started = await start(dying, owner, input);
  const { text } = await readToEnd(await started.read(0, signal()), "", (read) => read.length > 10);
  const logged = () => env.sql`select seq from generation_events where generation_id = ${input.generationId}`;
  await expect.poll(async () => (await logged()).length, pollOptions).toBeGreaterThan(0);
  // Another process finalizes it, as if this one were gone.
  await env.sql`update generations set heartbeat_at = heartbeat_at - interval '1 hour' where id = ${input.generationId}`;
  const reaped = expect.poll(() => reapGenerations(later(3_600_000), runtime), pollOptions);
  await reaped.toBeGreaterThan(0);
  const [row] =
    await env.sql`select status, charged_micros::int as charged from generations where id = ${input.generationId}`;
  expect(row).toMatchObject({ status: "interrupted", charged: expect.any(Number) });
  await purgeTemporaryLogs(later(3_600_000 + temporaryLogMs));
  expect(await tablesWith(text.slice(0, 11))).not.toContain("public.generation_events");
  expect(await readCredit(env, owner)).toMatchObject({ open: 0, charges: 1 });
});

test("a stored conversation does not become temporary, nor does a request name a parent", async () => {
  const first = startInput("say exactly: stored", model);
  await generate(runtime, user, first);
  const mixed = temporaryInput("hello", [], { conversationId: first.conversationId });
  await expect(start(runtime, user, mixed)).rejects.toMatchObject({ code: "not_found" });
  const stranger = await addUser(env);
  await expect(start(runtime, stranger, mixed)).rejects.toMatchObject({ code: "not_found" });
  const withParent = { ...temporaryInput("hello"), parentId: newId() };
  expect(startGenerationSchema.safeParse(withParent).success).toBe(false);
  const regeneration = temporaryInput("", [{ role: "user", text: "hi" }], { message: null });
  expect(startGenerationSchema.safeParse(regeneration).success).toBe(true);
});

test("moderation checks the whole history of a temporary chat, which the browser may have made up", () => {
  const prompt = [
    { role: "user", content: "refused" },
    { role: "assistant", content: "made up" },
    { role: "user", content: "answer the message above" },
  ];
  expect(textsToCheck(prompt, true)).toEqual(["answer the message above"]);
  expect(textsToCheck(prompt, false)).toEqual(["refused", "made up", "answer the message above"]);
});

test("deleting a workspace deletes what remains of its temporary chats", async () => {
  const owner = await addUser(env);
  await generate(runtime, owner, temporaryInput("say exactly: bye"));
  await deleteChats(owner.workspaceId);
  const rest = await env.sql`select id from generations where workspace_id = ${owner.workspaceId}`;
  expect(rest).toHaveLength(0);
});
