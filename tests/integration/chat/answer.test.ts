import { afterAll, beforeAll, expect, test } from "vitest";
import { readConversation } from "#lib/chat/read-conversation.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addPerson,
  ask,
  type ChatWorld,
  createChatWorld,
  hear,
  type Person,
  question,
  readAnswer,
  readMoney,
  soon,
  start,
} from "#tests/integration/chat/chat-world.ts";

let world: ChatWorld;
let runtime: ChatRuntime;
let person: Person;
const model = "gpt-4.1-mini";

beforeAll(async () => {
  world = await createChatWorld();
  runtime = world.addInstance();
  person = await addPerson(world);
});
afterAll(() => world.close());

test("a question is answered, kept, charged once as received, and its hold ended", async () => {
  const someone = await addPerson(world);
  const input = question("say exactly: hello there", model);
  const heard = await ask(runtime, someone, input);
  expect(heard.text).toBe("hello there");
  expect(heard.end).toMatchObject({ outcome: "done", error: null, receipt: { model, estimated: false } });
  expect(await readAnswer(world, input)).toMatchObject({
    text: "hello there",
    status: "done",
    generation: "done",
  });
  const money = await readMoney(world, someone);
  expect(money).toMatchObject({ held: 0, open: 0, charges: 1 });
  expect(money.spent).toBe(heard.end?.receipt?.chargedMicros);
  expect(money.balance).toBe(1_000_000 - money.spent);
  expect(heard.end?.availableMicros).toBe(money.balance);
});

test.each([
  { who: "where nothing is to be decided", creditMicros: 1_000_000, statements: 1 },
  { who: "where credit pays for a part of the longest answer", creditMicros: 1_000, statements: 2 },
])("$statements reach the database before the model is called $who", async ({ creditMicros, statements }) => {
  await runtime.wake.listening();
  await ask(runtime, person, question("say exactly: warm", model));
  const asker = await addPerson(world, creditMicros);
  const input = question("say exactly: counted", "sandbox-hang");
  const before = (await requestsFor("sandbox-hang")).length;
  world.statements.length = 0;
  await start(runtime, asker, input);
  const counted = [...world.statements];
  await expect.poll(async () => (await requestsFor("sandbox-hang")).length, soon).toBe(before + 1);
  expect(counted).toHaveLength(statements);
  runtime.running.get(input.generationId)?.controller.abort(new Error("enough"));
});

test("no statement stands between a token and its reader", async () => {
  const started = await start(runtime, person, question("long 400 tokens", model));
  world.statements.length = 0;
  const heard = await hear(
    await started.read(0, new AbortController().signal),
    "",
    (text) => text.length > 200,
  );
  const reads = world.statements.filter(
    (text) => /^\s*select/i.test(text) && text.includes("generation_events"),
  );
  expect(heard.text.length).toBeGreaterThan(200);
  expect(reads).toEqual([]);
});

test("the same request sent again, also at once, starts one answer and follows it", async () => {
  const someone = await addPerson(world);
  const input = question("say exactly: once and only once", model);
  const all = await Promise.all(Array.from({ length: 5 }, () => ask(runtime, someone, input)));
  const later = await ask(runtime, someone, input);
  for (const heard of [...all, later]) {
    expect(heard.text).toBe("once and only once");
    expect(heard.end?.outcome).toBe("done");
  }
  expect(await readMoney(world, someone)).toMatchObject({ charges: 1, open: 0 });
});

test("a conversation goes on from the message it follows, and the model sees the branch alone", async () => {
  const first = question("say exactly: the first answer", model);
  await ask(runtime, person, first);
  const next = question("say exactly: the second answer", model, {
    conversationId: first.conversationId,
    parentId: first.answerId,
  });
  await ask(runtime, person, next);
  const again: typeof next = {
    ...next,
    generationId: newId(),
    answerId: newId(),
    message: null,
    parentId: next.message?.id ?? "",
  };
  await ask(runtime, person, again);
  const sent = (await requestsFor(model)).at(-1)?.body;
  expect(sent?.messages).toEqual([
    { role: "user", content: "say exactly: the first answer" },
    { role: "assistant", content: "the first answer" },
    { role: "user", content: "say exactly: the second answer" },
  ]);
  const talk = await readConversation(world.db, person.workspaceId, person.userId, first.conversationId);
  expect(talk).toMatchObject({
    activeLeafId: again.answerId,
    running: null,
    title: "say exactly: the first answer",
  });
  expect(talk.messages.map((message) => [message.role, message.parentId])).toEqual([
    ["user", null],
    ["assistant", first.message?.id],
    ["user", first.answerId],
    ["assistant", next.message?.id],
    ["assistant", next.message?.id],
  ]);
  expect(talk.messages[1]?.receipt).toMatchObject({ model, estimated: false });
});

test("what is somebody else's does not exist: conversation, parent, answer", async () => {
  const stranger = await addPerson(world);
  const input = question("say exactly: mine", model);
  await ask(runtime, person, input);
  const intoMine = question("hello", model, { conversationId: input.conversationId });
  await expect(start(runtime, stranger, intoMine)).rejects.toMatchObject({ code: "not_found" });
  const underMine = question("hello", model, { parentId: input.answerId });
  await expect(start(runtime, stranger, underMine)).rejects.toMatchObject({ code: "not_found" });
  await expect(start(runtime, stranger, input)).rejects.toMatchObject({ code: "not_found" });
  const read = readConversation(world.db, stranger.workspaceId, stranger.userId, input.conversationId);
  await expect(read).rejects.toMatchObject({ code: "not_found" });
  expect(await readMoney(world, stranger)).toMatchObject({ open: 0, held: 0 });
});

test("a refused request writes nothing", async () => {
  const poor = await addPerson(world, 1);
  const input = question("hello", model);
  await expect(start(runtime, poor, input)).rejects.toMatchObject({ code: "insufficient_credit" });
  const [row] = await world.sql`
    select (select count(*) from messages where workspace_id = ${poor.workspaceId})
      + (select count(*) from conversations where workspace_id = ${poor.workspaceId})
      + (select count(*) from generations where workspace_id = ${poor.workspaceId}) as rows`;
  expect(Number(row?.rows)).toBe(0);
});

test("a session that was revoked starts nothing", async () => {
  const gone = await addPerson(world);
  await world.sql`update sessions set revoked_at = ${now().toISOString()} where id = ${gone.sessionId}`;
  await expect(start(runtime, gone, question("hello", model))).rejects.toMatchObject({
    code: "unauthenticated",
  });
});

test("a model above the plan is refused with the way up, one that does not exist by its name", async () => {
  await expect(start(runtime, person, question("hello", "gpt-5.5"))).rejects.toMatchObject({
    code: "plan_required",
  });
  await expect(start(runtime, person, question("hello", "gpt-0"))).rejects.toMatchObject({
    code: "model_unavailable",
  });
});

test("an answer that is still being written is not followed by a question", async () => {
  const input = question("hello", "sandbox-hang");
  await start(runtime, person, input);
  const next = question("and?", model, { conversationId: input.conversationId, parentId: input.answerId });
  await expect(start(runtime, person, next)).rejects.toMatchObject({ code: "conflict" });
  runtime.running.get(input.generationId)?.controller.abort(new Error("enough"));
});

test("the sixty-first request of a minute waits its turn", async () => {
  const busy = await addPerson(world);
  await world.sql`
    insert into rate_buckets (key, tokens, refilled_at) values (${`requests:${busy.workspaceId}`}, 1, ${now().toISOString()})`;
  await ask(runtime, busy, question("say exactly: last", model));
  await expect(start(runtime, busy, question("one more", model))).rejects.toMatchObject({
    code: "too_many_requests",
    retryAfterSeconds: 1,
  });
});

test("what no database keeps is dropped from a question, and half characters are mended", async () => {
  const input = question("say exactly: a\0b \ud83d", model);
  expect((await ask(runtime, person, input)).text).toBe("ab \ufffd");
});

type Asked = { model: string | null; body: { messages?: unknown; max_completion_tokens?: number } };

async function requestsFor(name: string): Promise<Asked[]> {
  const response = await fetch(world.models.url.replace("/v1", "/_control/requests"));
  const { requests } = (await response.json()) as { requests: Asked[] }; // The sandbox's own shape.
  return requests.filter((request) => request.model === name);
}
