import { afterAll, beforeAll, expect, test } from "vitest";
import { forkConversation } from "#lib/chat/conversations/fork-conversation.ts";
import { countRatings, rateAnswer } from "#lib/chat/conversations/rate-answer.ts";
import type { Rating } from "#lib/chat/conversations/rating.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { type StartGeneration, startGenerationSchema } from "#lib/chat/generation/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  readCredit,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const model = "gpt-5.4-mini";
let env: ChatTestEnv;
let runtime: ChatRuntime;
let user: TestUser;
let stranger: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  user = await addUser(env);
  stranger = await addUser(env);
});
afterAll(() => env.close());

const read = (owner: TestUser, id: string) => readConversation(env.db, owner.workspaceId, owner.userId, id);
const regenerationOf = (first: StartGeneration, more: Partial<StartGeneration> = {}): StartGeneration => ({
  ...first,
  ...{ generationId: newId(), answerId: newId(), parentId: first.message?.id ?? "", message: null },
  ...more,
});

test("a regeneration with an instruction stores it with the answer and leaves the message as written", async () => {
  const first = startInput("say exactly: one", model);
  await generate(runtime, user, first);
  const again = regenerationOf(first, { instruction: "shorter" });
  const result = await generate(runtime, user, again);
  expect(result.end?.outcome).toBe("done");
  // The sandbox repeats what it was sent.
  expect(result.text).toContain("much shorter");
  const { messages } = await read(user, first.conversationId);
  expect(messages.map(({ text, instruction }) => [text.split("\n")[0], instruction])).toEqual([
    ["say exactly: one", null],
    ["one", null],
    ["one", "shorter"],
  ]);
  expect(messages[0]?.text).toBe("say exactly: one");
  // The instruction is a part of the prompt, so it is paid for.
  expect(messages[2]?.receipt?.promptTokens).toBeGreaterThan(messages[1]?.receipt?.promptTokens ?? Infinity);
});

test("a new message takes no instruction", () => {
  const input = startInput("hello", model, { instruction: "longer" });
  expect(startGenerationSchema.safeParse(input).success).toBe(false);
  expect(startGenerationSchema.safeParse(regenerationOf(input)).success).toBe(true);
});

async function fork(owner: TestUser, messageId: string, conversationId: string) {
  const request = { messageId, conversationId, titleOf: (title: string) => `Copy of ${title}` };
  return forkConversation(env.db, owner.workspaceId, owner.userId, request, now());
}

test("forking copies the branch up to a message, without a charge, and once however often it is asked", async () => {
  const first = startInput("say exactly: root", model);
  await generate(runtime, user, first);
  await generate(runtime, user, regenerationOf(first, { instruction: "longer" }));
  const second = startInput("say exactly: leaf", model, {
    ...{ conversationId: first.conversationId, parentId: first.answerId },
  });
  await generate(runtime, user, second);
  const before = await readCredit(env, user);
  const original = await read(user, first.conversationId);
  const id = newId();
  const results = await Promise.all([1, 2, 3].map(() => fork(user, first.answerId, id)));
  expect(new Set(results.map(({ title }) => title))).toEqual(new Set([`Copy of ${original.title}`]));
  const copy = await read(user, id);
  expect(copy.messages.map(({ role, text, receipt }) => [role, text, receipt])).toEqual([
    ["user", "say exactly: root", null],
    ["assistant", "root", null],
  ]);
  const [question, answer] = copy.messages;
  expect(answer?.parentId).toBe(question?.id);
  expect(copy.activeLeafId).toBe(answer?.id);
  expect(original.messages.map((message) => message.id)).not.toContain(answer?.id);
  expect(await read(user, first.conversationId)).toEqual(original);
  expect(await readCredit(env, user)).toEqual(before);

  // The copy can be continued.
  const next = startInput("say exactly: onward", model, { conversationId: id, parentId: answer?.id ?? "" });
  expect((await generate(runtime, user, next)).text).toBe("onward");
});

test("a stranger forks and rates nothing, and takes no id of another user's conversation", async () => {
  const first = startInput("say exactly: private", model);
  await generate(runtime, user, first);
  const own = startInput("say exactly: own", model);
  await generate(runtime, stranger, own);
  await expect(fork(stranger, first.answerId, newId())).rejects.toMatchObject({ code: "not_found" });
  await expect(fork(stranger, own.answerId, first.conversationId)).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(rate(stranger, first.answerId, { value: "up", reason: null })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(rate(user, first.message?.id ?? "", { value: "up", reason: null })).rejects.toMatchObject({
    code: "not_found",
  });
  await env.sql`update conversations set deleted_at = now() where id = ${first.conversationId}`;
  await expect(fork(user, first.answerId, newId())).rejects.toMatchObject({ code: "not_found" });
  await expect(rate(user, first.answerId, null)).rejects.toMatchObject({ code: "not_found" });
});

const rate = (owner: TestUser, messageId: string, rating: Rating | null) =>
  rateAnswer(env.db, owner.workspaceId, owner.userId, messageId, rating, now());

test("a rating replaces the one before, can be removed, and is counted per model without text", async () => {
  const rater = await addUser(env);
  const first = startInput("say exactly: rated", "gpt-4.1-mini");
  await generate(runtime, rater, first);
  const counts = async () => (await countRatings(env.db)).find((row) => row.model === "gpt-4.1-mini");
  const shown = async () =>
    (await read(rater, first.conversationId)).messages.find(({ id }) => id === first.answerId)?.rating;
  expect(await shown()).toBeNull();
  await rate(rater, first.answerId, { value: "up", reason: null });
  await rate(rater, first.answerId, { value: "up", reason: null });
  expect(await counts()).toEqual({ model: "gpt-4.1-mini", up: 1, down: 0, reasons: {} });
  await rate(rater, first.answerId, { value: "down", reason: "incorrect" });
  expect(await shown()).toEqual({ value: "down", reason: "incorrect" });
  expect(await counts()).toEqual({ model: "gpt-4.1-mini", up: 0, down: 1, reasons: { incorrect: 1 } });
  await rate(rater, first.answerId, null);
  await rate(rater, first.answerId, null);
  expect(await shown()).toBeNull();
  expect(await counts()).toBeUndefined();
});
