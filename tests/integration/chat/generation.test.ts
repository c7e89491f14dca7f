import { afterAll, beforeAll, expect, test } from "vitest";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  pollOptions,
  readCredit,
  readStoredAnswer,
  readToEnd,
  start,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let runtime: ChatRuntime;
let user: TestUser;
const model = "gpt-4.1-mini";

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  user = await addUser(env);
});
afterAll(() => env.close());

test("an answer is stored and charged once, and its hold ends", async () => {
  const other = await addUser(env);
  const input = startInput("say exactly: hello there", model);
  const result = await generate(runtime, other, input);
  expect(result.text).toBe("hello there");
  expect(result.end).toMatchObject({ outcome: "done", error: null, receipt: { model, estimated: false } });
  expect(await readStoredAnswer(env, input)).toMatchObject({
    text: "hello there",
    status: "done",
    generation: "done",
  });
  const money = await readCredit(env, other);
  expect(money).toMatchObject({ held: 0, open: 0, charges: 1 });
  expect(money.spent).toBe(result.end?.receipt?.chargedMicros);
  expect(money.balance).toBe(1_000_000 - money.spent);
  expect(result.end?.availableMicros).toBe(money.balance);
});

test.each([1_000_000, 1_000])(
  "a start with %i micro-USD of credit takes two statements before the model is called",
  async (creditMicros) => {
    await runtime.wake.listening();
    await generate(runtime, user, startInput("say exactly: warm", model));
    const other = await addUser(env, creditMicros);
    const input = startInput("say exactly: counted", "sandbox-hang");
    const before = (await requestsFor("sandbox-hang")).length;
    env.statements.length = 0;
    await start(runtime, other, input);
    const counted = [...env.statements];
    await expect.poll(async () => (await requestsFor("sandbox-hang")).length, pollOptions).toBe(before + 1);
    expect(counted).toHaveLength(2);
    runtime.running.get(input.generationId)?.controller.abort(new Error("enough"));
  },
);

test("a reader on the same instance gets tokens without a query", async () => {
  const started = await start(runtime, user, startInput("long 400 tokens", model));
  env.statements.length = 0;
  const result = await readToEnd(
    await started.read(0, new AbortController().signal),
    "",
    (text) => text.length > 200,
  );
  const reads = env.statements.filter(
    (text) => /^\s*select/i.test(text) && text.includes("generation_events"),
  );
  expect(result.text.length).toBeGreaterThan(200);
  expect(reads).toEqual([]);
});

test("a request that is sent again, also concurrently, starts one generation and reads it", async () => {
  const other = await addUser(env);
  const input = startInput("say exactly: once and only once", model);
  const all = await Promise.all(Array.from({ length: 5 }, () => generate(runtime, other, input)));
  const later = await generate(runtime, other, input);
  for (const result of [...all, later]) {
    expect(result.text).toBe("once and only once");
    expect(result.end?.outcome).toBe("done");
  }
  expect(await readCredit(env, other)).toMatchObject({ charges: 1, open: 0 });
});

test("the model receives only the branch that leads to the new message", async () => {
  const first = startInput("say exactly: the first answer", model);
  await generate(runtime, user, first);
  const next = startInput("say exactly: the second answer", model, {
    conversationId: first.conversationId,
    parentId: first.answerId,
  });
  await generate(runtime, user, next);
  const again: typeof next = {
    ...next,
    generationId: newId(),
    answerId: newId(),
    message: null,
    parentId: next.message?.id ?? "",
  };
  await generate(runtime, user, again);
  const sent = (await requestsFor(model)).at(-1)?.body;
  expect(sent?.messages).toEqual([
    { role: "user", content: "say exactly: the first answer" },
    { role: "assistant", content: "the first answer" },
    { role: "user", content: "say exactly: the second answer" },
  ]);
  const conversation = await readConversation(env.db, user.workspaceId, user.userId, first.conversationId);
  expect(conversation).toMatchObject({
    activeLeafId: again.answerId,
    running: [],
    title: "say exactly: the first answer",
  });
  expect(conversation.messages.map((message) => [message.role, message.parentId])).toEqual([
    ["user", null],
    ["assistant", first.message?.id],
    ["user", first.answerId],
    ["assistant", next.message?.id],
    ["assistant", next.message?.id],
  ]);
  expect(conversation.messages[1]?.receipt).toMatchObject({ model, estimated: false });
});

test("a conversation, a parent and a generation of another user are not found", async () => {
  const otherUser = await addUser(env);
  const input = startInput("say exactly: mine", model);
  await generate(runtime, user, input);
  const intoMine = startInput("hello", model, { conversationId: input.conversationId });
  await expect(start(runtime, otherUser, intoMine)).rejects.toMatchObject({ code: "not_found" });
  const underMine = startInput("hello", model, { parentId: input.answerId });
  await expect(start(runtime, otherUser, underMine)).rejects.toMatchObject({ code: "not_found" });
  await expect(start(runtime, otherUser, input)).rejects.toMatchObject({ code: "not_found" });
  const read = readConversation(env.db, otherUser.workspaceId, otherUser.userId, input.conversationId);
  await expect(read).rejects.toMatchObject({ code: "not_found" });
  expect(await readCredit(env, otherUser)).toMatchObject({ open: 0, held: 0 });
});

test("a refused request writes nothing", async () => {
  const userWithoutCredit = await addUser(env, 1);
  const input = startInput("hello", model);
  await expect(start(runtime, userWithoutCredit, input)).rejects.toMatchObject({
    code: "insufficient_credit",
  });
  const [row] = await env.sql`
    select (select count(*) from messages where workspace_id = ${userWithoutCredit.workspaceId})
      + (select count(*) from conversations where workspace_id = ${userWithoutCredit.workspaceId})
      + (select count(*) from generations where workspace_id = ${userWithoutCredit.workspaceId}) as rows`;
  expect(Number(row?.rows)).toBe(0);
});

test("a revoked session starts no generation", async () => {
  const revoked = await addUser(env);
  await env.sql`update sessions set revoked_at = ${now().toISOString()} where id = ${revoked.sessionId}`;
  await expect(start(runtime, revoked, startInput("hello", model))).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

test("a model above the plan is refused as plan_required, an unknown model as model_not_found", async () => {
  await expect(start(runtime, user, startInput("hello", "gpt-5.5"))).rejects.toMatchObject({
    code: "plan_required",
  });
  await expect(start(runtime, user, startInput("hello", "gpt-0"))).rejects.toMatchObject({
    code: "model_not_found",
  });
});

test("a message under an answer that is still being written is refused as a conflict", async () => {
  const input = startInput("hello", "sandbox-hang");
  await start(runtime, user, input);
  const next = startInput("and?", model, { conversationId: input.conversationId, parentId: input.answerId });
  await expect(start(runtime, user, next)).rejects.toMatchObject({ code: "conflict" });
  runtime.running.get(input.generationId)?.controller.abort(new Error("enough"));
});

test("a start without a token of the rate limit is refused with the time to wait", async () => {
  const busy = await addUser(env);
  await env.sql`
    insert into rate_buckets (key, tokens, refilled_at) values (${`requests:${busy.workspaceId}`}, 1, ${now().toISOString()})`;
  await generate(runtime, busy, startInput("say exactly: last", model));
  await expect(start(runtime, busy, startInput("one more", model))).rejects.toMatchObject({
    code: "too_many_requests",
    retryAfterSeconds: 1,
  });
});

test("NUL characters are dropped from a message and unpaired surrogates are replaced", async () => {
  const input = startInput("say exactly: a\0b \ud83d", model);
  expect((await generate(runtime, user, input)).text).toBe("ab \ufffd");
});

type SentRequest = { model: string | null; body: { messages?: unknown; max_completion_tokens?: number } };

async function requestsFor(name: string): Promise<SentRequest[]> {
  const response = await fetch(env.models.url.replace("/v1", "/_control/requests"));
  const { requests } = (await response.json()) as { requests: SentRequest[] }; // The sandbox's own shape.
  return requests.filter((request) => request.model === name);
}
