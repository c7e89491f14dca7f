import { afterAll, beforeAll, expect, test } from "vitest";
import { readConversationReceipt } from "#lib/chat/conversations/conversation-receipt.ts";
import { chooseLeaf } from "#lib/chat/conversations/conversations.ts";
import { forkConversation } from "#lib/chat/conversations/fork-conversation.ts";
import { addSums } from "#lib/chat/conversations/receipt-sums.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { generateTitle } from "#lib/chat/generation/titles.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const model = "gpt-5.4-mini";
const otherModel = "gpt-4.1-mini";
let env: ChatTestEnv;
let runtime: ChatRuntime;
let user: TestUser;

beforeAll(async () => {
  env = await startChatTestEnv();
  runtime = env.addInstance();
  user = await addUser(env);
});
afterAll(() => env.close());

const read = (owner: TestUser, id: string) =>
  readConversationReceipt(env.db, owner.workspaceId, owner.userId, id);

/** What the ledger charged for the answers of a conversation, in micro-USD. */
async function chargedByLedger(conversationId: string): Promise<number> {
  const [row] = await env.sql<{ micros: number }[]>`
    select coalesce(-sum(e.amount_micros), 0)::float8 as micros
    from generations g join ledger_entries e on e.hold_id = g.hold_id and e.kind = 'spend'
    where g.conversation_id = ${conversationId}`;
  return row?.micros ?? Number.NaN;
}

const regenerationOf = (first: StartGeneration, more: Partial<StartGeneration> = {}): StartGeneration => ({
  ...first,
  ...{ generationId: newId(), answerId: newId(), parentId: first.message?.id ?? "", message: null },
  ...more,
});

test("a receipt sums every version of every branch exactly as the ledger, and the shown branch apart", async () => {
  const first = startInput("say exactly: one", model);
  await generate(runtime, user, first);
  const again = regenerationOf(first, { model: otherModel });
  await generate(runtime, user, again);
  const second = startInput("say exactly: two", model, {
    ...{ conversationId: first.conversationId, parentId: first.answerId },
  });
  await generate(runtime, user, second);
  const failing = startInput("fail", "sandbox-429", {
    ...{ conversationId: first.conversationId, parentId: second.answerId },
  });
  const failed = await generate(runtime, user, failing);
  expect(failed.end?.receipt).toBeNull();

  const { whole, branch } = await read(user, first.conversationId);
  const sums = addSums(whole.models);
  expect(sums.chargedMicros).toBeGreaterThan(0);
  expect(sums.chargedMicros).toBe(await chargedByLedger(first.conversationId));
  expect(sums.count).toBe(3);
  expect(whole.models.map((line) => [line.model, line.count]).sort()).toEqual([
    [otherModel, 1],
    [model, 2],
  ]);
  expect(whole).toMatchObject({ free: 1, copied: 0, running: 0 });
  // The branch leaves out the answer of the other model.
  expect(branch.models.map((line) => [line.model, line.count])).toEqual([[model, 2]]);
  expect(branch.free).toBe(1);

  await chooseLeaf(env.db, user.workspaceId, user.userId, first.conversationId, again.answerId);
  const other = await read(user, first.conversationId);
  expect(other.whole).toEqual(whole);
  expect(other.branch.models.map((line) => [line.model, line.count])).toEqual([[otherModel, 1]]);
});

test("a receipt counts thinking within the output", async () => {
  const input = startInput("think: say exactly: done", "sandbox-thinking");
  const { end } = await generate(runtime, user, input);
  const { whole } = await read(user, input.conversationId);
  const sums = addSums(whole.models);
  expect(sums.reasoningTokens).toBeGreaterThan(0);
  expect(sums.reasoningTokens).toBeLessThan(sums.completionTokens);
  expect(end?.receipt).toMatchObject({
    reasoningTokens: sums.reasoningTokens,
    cachedTokens: sums.cachedTokens,
    chargedMicros: sums.chargedMicros,
  });
});

test("a receipt lists the title as a call that is not charged", async () => {
  const input = startInput("say exactly: titled", model);
  await generate(runtime, user, input);
  await generateTitle(input.conversationId);
  const { sideCalls, whole } = await read(user, input.conversationId);
  expect(sideCalls).toMatchObject([{ purpose: "title", count: 1, chargedMicros: 0 }]);
  expect(sideCalls[0]?.promptTokens).toBeGreaterThan(0);
  expect(addSums(whole.models).chargedMicros).toBe(await chargedByLedger(input.conversationId));
});

test("a fork carries no charge of its original, and pays for its own answers only", async () => {
  const first = startInput("say exactly: root", model);
  await generate(runtime, user, first);
  const before = await read(user, first.conversationId);
  const forkId = newId();
  await forkConversation(
    env.db,
    user.workspaceId,
    user.userId,
    { messageId: first.answerId, conversationId: forkId, titleOf: (title) => title },
    now(),
  );
  expect(await read(user, first.conversationId)).toEqual(before);
  expect((await read(user, forkId)).whole).toEqual({ models: [], free: 0, copied: 1, running: 0 });
  const [leaf] = await env.sql<
    { id: string }[]
  >`select active_leaf_id as id from conversations where id = ${forkId}`;
  await generate(
    runtime,
    user,
    startInput("more", model, { conversationId: forkId, parentId: leaf?.id ?? "" }),
  );
  const fork = await read(user, forkId);
  expect(addSums(fork.whole.models).chargedMicros).toBe(await chargedByLedger(forkId));
  expect(fork.branch).toEqual(fork.whole);
});

test("a receipt is not found by a stranger, nor after the conversation was deleted", async () => {
  const input = startInput("say exactly: mine", model);
  await generate(runtime, user, input);
  const stranger = await addUser(env);
  await expect(read(stranger, input.conversationId)).rejects.toMatchObject({ code: "not_found" });
  const mixed = { ...stranger, userId: user.userId };
  await expect(read(mixed, input.conversationId)).rejects.toMatchObject({ code: "not_found" });
  await env.sql`update conversations set deleted_at = now() where id = ${input.conversationId}`;
  await expect(read(user, input.conversationId)).rejects.toMatchObject({ code: "not_found" });
});
