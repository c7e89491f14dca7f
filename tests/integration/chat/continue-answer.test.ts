import { afterAll, beforeAll, expect, test } from "vitest";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { joinContinuation } from "#lib/chat/generation/continuation/continuation.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { conversationMarkdown } from "#lib/chat/portability/conversation-markdown.ts";
import { findConversationHead, readBranchPages } from "#lib/chat/portability/read-conversation-pages.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  readCredit,
  start,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let runtime: ChatRuntime;
let user: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  user = await addUser(env);
});
afterAll(() => env.close());

type SentRequest = { body: { messages: { role: string }[] } };

const cutModel = "sandbox-length";
const model = "gpt-5.4-mini";
const continuationOf = (first: StartGeneration, more: Partial<StartGeneration> = {}): StartGeneration => ({
  ...first,
  ...{ generationId: newId(), answerId: newId(), parentId: first.answerId, message: null, model },
  ...more,
});

test("the rest of an answer that was cut is one generation with its own receipt, and reads as one with it", async () => {
  const first = startInput("long 200 tokens", cutModel);
  const cut = await generate(runtime, user, first);
  expect(cut.end?.outcome).toBe("length");
  const whole = await generate(runtime, user, startInput("long 200 tokens", model));
  const before = await readCredit(env, user);
  const next = continuationOf(first);
  const rest = await generate(runtime, user, next);
  expect(rest.end?.outcome).toBe("done");
  expect(joinContinuation(cut.text, rest.text)).toBe(whole.text);
  const after = await readCredit(env, user);
  expect(after.charges).toBe(before.charges + 1);
  expect(after.spent - before.spent).toBe(rest.end?.receipt?.chargedMicros);
  expect(after.held).toBe(0);
  // Sent again, as after a lost response, it starts nothing.
  const again = await Promise.all([generate(runtime, user, next), generate(runtime, user, next)]);
  expect(again.map(({ text }) => text)).toEqual([rest.text, rest.text]);
  expect(await readCredit(env, user)).toEqual(after);
  const { messages, activeLeafId } = await readConversation(
    env.db,
    user.workspaceId,
    user.userId,
    first.conversationId,
  );
  expect(messages.map(({ role, parentId }) => [role, parentId])).toEqual([
    ["user", null],
    ["assistant", first.message?.id],
    ["assistant", first.answerId],
  ]);
  expect(activeLeafId).toBe(next.answerId);
  const receipts = messages.map(({ receipt }) => receipt?.chargedMicros ?? 0);
  expect(receipts).toEqual([0, cut.end?.receipt?.chargedMicros, rest.end?.receipt?.chargedMicros]);

  // Exports and shared links read it as one answer.
  const head = await findConversationHead(env.db, user.workspaceId, user.userId, first.conversationId);
  if (head === null) throw new Error("The conversation is gone.");
  let markdown = "";
  for await (const piece of conversationMarkdown(env.db, user.workspaceId, head, "en")) markdown += piece;
  expect(markdown.match(/^## /gm)).toHaveLength(2);
  expect(markdown).toContain(whole.text.trim());
  const pages = [];
  for await (const page of readBranchPages(env.db, user.workspaceId, head.id, head.activeLeafId))
    pages.push(...page);
  expect(pages.map(({ role }) => role)).toEqual(["user", "assistant"]);
  expect(pages[1]?.receipt?.chargedMicros).toBe((receipts[1] ?? 0) + (receipts[2] ?? 0));
});

test("what follows a continued answer has it as one message in its prompt", async () => {
  const first = startInput("long 100 tokens", cutModel);
  await generate(runtime, user, first);
  const next = continuationOf(first);
  await generate(runtime, user, next);
  const followUp = startInput("say exactly: ok", model, {
    ...{ conversationId: first.conversationId, parentId: next.answerId },
  });
  await generate(runtime, user, followUp);
  const response = await fetch(env.models.url.replace("/v1", "/_control/requests"));
  const { requests } = (await response.json()) as { requests: SentRequest[] }; // The sandbox's own shape.
  const sent = requests.findLast(({ body }) => JSON.stringify(body).includes("say exactly: ok"));
  expect(sent?.body.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
});

test("a complete answer, an empty one and another user's are not continued", async () => {
  const complete = startInput("say exactly: all", model);
  await generate(runtime, user, complete);
  await expect(start(runtime, user, continuationOf(complete))).rejects.toMatchObject({ code: "conflict" });
  const empty = startInput("hello", "sandbox-500");
  await generate(runtime, user, empty);
  await expect(start(runtime, user, continuationOf(empty))).rejects.toMatchObject({ code: "conflict" });
  const stranger = await addUser(env);
  const cut = startInput("long 100 tokens", cutModel);
  await generate(runtime, user, cut);
  const before = await readCredit(env, stranger);
  await expect(start(runtime, stranger, continuationOf(cut))).rejects.toMatchObject({ code: "not_found" });
  expect(await readCredit(env, stranger)).toEqual(before);
});
