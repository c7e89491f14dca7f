import { afterAll, beforeAll, expect, test } from "vitest";
import { chooseLeaf } from "#lib/chat/conversations/conversations.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { readGeneration } from "#lib/chat/generation/readers/read-generation.ts";
import { reapGenerations } from "#lib/chat/generation/reaper.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { whenGenerationsHaveEnded } from "#lib/chat/generation/shut-down.ts";
import { stopGeneration } from "#lib/chat/generation/stop-generation.ts";
import { type StartComparison, startComparisonSchema } from "#lib/chat/generation/stream-events.ts";
import { detachGeneration } from "#lib/chat/generation/writer.ts";
import {
  findBranchEnd,
  findConversationHead,
  readBranchPages,
} from "#lib/chat/portability/read-conversation-pages.ts";
import { startComparison } from "#lib/chat/start/start-comparison.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import {
  addUser,
  type ChatTestEnv,
  pollOptions,
  readCredit,
  readToEnd,
  startChatTestEnv,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let here: ChatRuntime;
let elsewhere: ChatRuntime;

beforeAll(async () => {
  env = await startChatTestEnv({ tokensPerSecond: 400, firstTokenMs: 0 });
  here = env.addInstance();
  elsewhere = env.addInstance();
});
afterAll(() => env.close());

const models = ["gpt-5.4-mini", "gpt-4.1-mini", "gpt-5.4-nano"];
const never = () => new AbortController().signal;

function comparison(text: string, compared = models): StartComparison {
  const ids = compared.map(() => newId()).sort();
  const answers = compared.map((model, index) => ({
    generationId: newId(),
    answerId: ids[index] ?? newId(),
    model,
  }));
  return { conversationId: newId(), parentId: null, message: { id: newId(), text }, answers };
}

const compare = (user: TestUser, input: StartComparison, runtime = here) =>
  startComparison(user, input, "test-request", runtime);
const read = (user: TestUser, { conversationId }: StartComparison) =>
  readConversation(env.db, user.workspaceId, user.userId, conversationId);
const readAll = (user: TestUser, { answers }: StartComparison, runtime = here) =>
  Promise.all(
    answers.map(async ({ generationId }) =>
      readToEnd(await readGeneration(user, generationId, 0, never(), runtime)),
    ),
  );

test("models answer one message at the same time, each with its own charge, until one answer is chosen", async () => {
  const user = await addUser(env);
  const input = comparison("say exactly: the same words");
  const started = await compare(user, input);
  expect(started.map(({ error }) => error)).toEqual([null, null, null]);
  const during = await read(user, input);
  expect(during.activeLeafId).toBe(input.message.id);
  const results = await readAll(user, input, elsewhere);
  expect(results.map(({ text, end }) => [text, end?.outcome])).toEqual(
    models.map(() => ["the same words", "done"]),
  );
  const credit = await readCredit(env, user);
  const charged = results.map(({ end }) => end?.receipt?.chargedMicros ?? 0);
  expect(credit).toMatchObject({
    charges: 3,
    held: 0,
    open: 0,
    spent: charged.reduce((sum, one) => sum + one),
  });
  const after = await read(user, input);
  expect(after.activeLeafId).toBe(input.message.id);
  expect(after.running).toEqual([]);
  expect(after.messages.map(({ role, parentId, model }) => [role, parentId, model])).toEqual([
    ["user", null, null],
    ...models.map((model) => ["assistant", input.message.id, model]),
  ]);
  const chosen = input.answers[1]?.answerId ?? "";
  await chooseLeaf(env.db, user.workspaceId, user.userId, input.conversationId, chosen);
  const later = await read(user, input);
  expect(later.activeLeafId).toBe(chosen);
  expect(later.messages).toHaveLength(4);
});

test("a comparison that is sent again, also at the same time, starts nothing twice", async () => {
  const user = await addUser(env);
  const input = comparison("long 60 tokens");
  await Promise.all([compare(user, input), compare(user, input, elsewhere), compare(user, input)]);
  await compare(user, input);
  await readAll(user, input);
  expect(await readCredit(env, user)).toMatchObject({ charges: 3, held: 0, open: 0 });
  expect((await read(user, input)).messages).toHaveLength(4);
});

test("answers that the credit does not cover are refused one by one, and no more is held than there is", async () => {
  for (const creditMicros of [1, 60, 400, 2_000, 5_000]) {
    const user = await addUser(env, creditMicros);
    const input = comparison("long 400 tokens");
    const started = await compare(user, input).catch((error) => error);
    if (!Array.isArray(started)) {
      expect(started).toMatchObject({ code: "insufficient_credit" });
      await expect(read(user, input)).rejects.toMatchObject({ code: "not_found" });
      continue;
    }
    const { held, balance } = await readCredit(env, user);
    expect(held).toBeLessThanOrEqual(Math.max(balance, creditMicros));
    await whenGenerationsHaveEnded(here);
    const { messages } = await read(user, input);
    expect(messages.filter(({ role }) => role === "assistant")).toHaveLength(
      started.filter(({ error }) => error === null).length,
    );
    for (const { error } of started)
      if (error !== null) expect(["insufficient_credit", "credit_reserved"]).toContain(error.code);
    expect((await readCredit(env, user)).spent).toBeLessThanOrEqual(creditMicros);
  }
});

test("a model above the plan is refused and the others answer", async () => {
  const user = await addUser(env);
  const input = comparison("say exactly: yes", ["gpt-5.4-mini", "gpt-5.5"]);
  const started = await compare(user, input);
  expect(started.map(({ error }) => error?.code ?? null)).toEqual([null, "plan_required"]);
  await whenGenerationsHaveEnded(here);
  expect((await read(user, input)).messages).toHaveLength(2);
});

test("stopping one answer of a comparison leaves the others running", async () => {
  const user = await addUser(env);
  const input = comparison("long 3000 tokens");
  await compare(user, input);
  const [first, ...others] = input.answers;
  await stopGeneration(user, first?.generationId ?? "", elsewhere);
  const ended = await readToEnd(await readGeneration(user, first?.generationId ?? "", 0, never(), here));
  expect(ended.end?.outcome).toBe("stopped");
  expect((await read(user, input)).running.map(({ generationId }) => generationId).sort()).toEqual(
    others.map(({ generationId }) => generationId).sort(),
  );
  for (const { generationId } of others) await stopGeneration(user, generationId, here);
  const results = await readAll(user, input);
  expect(results.map(({ end }) => end?.outcome)).toEqual(["stopped", "stopped", "stopped"]);
  expect(await readCredit(env, user)).toMatchObject({ held: 0, open: 0 });
});

test("after a crash the reaper ends every answer of a comparison with what was received", async () => {
  const user = await addUser(env);
  const dying = env.addInstance();
  const input = comparison("long 3000 tokens");
  await compare(user, input, dying);
  const ids = input.answers.map(({ generationId }) => generationId);
  const loggedCount = async () => {
    const [row] = await env.sql<{ count: number }[]>`
      select count(distinct generation_id)::int as count from generation_events where generation_id = any(${ids}::uuid[])`;
    return row?.count;
  };
  await expect.poll(loggedCount, pollOptions).toBe(3);
  await env.sql`update generations set instance_id = 'another-host/1/dead' where id = any(${ids}::uuid[])`;
  const orphans = ids.flatMap((id) => dying.running.get(id) ?? []);
  for (const orphan of orphans) await detachGeneration(dying, orphan);
  for (const id of ids) dying.running.delete(id);
  const longAgo = new Date(now().getTime() - 60_000).toISOString();
  await env.sql`update generations set heartbeat_at = ${longAgo} where id = any(${ids}::uuid[])`;
  expect(await reapGenerations(now(), elsewhere)).toBe(3);
  const results = await readAll(user, input, elsewhere);
  expect(results.map(({ end }) => end?.outcome)).toEqual(["interrupted", "interrupted", "interrupted"]);
  expect(results.every(({ text }) => text !== "")).toBe(true);
  expect(await readCredit(env, user)).toMatchObject({ charges: 3, held: 0, open: 0 });
  expect((await read(user, input)).activeLeafId).toBe(input.message.id);
  for (const orphan of orphans) {
    orphan.controller.abort(new Error("woken"));
    await orphan.finished;
  }
  expect(await readCredit(env, user)).toMatchObject({ charges: 3, held: 0, open: 0 });
});

test("an export and a shared link of an undecided comparison go on to its first answer", async () => {
  const user = await addUser(env);
  const input = comparison("say exactly: shared", models.slice(0, 2));
  await compare(user, input);
  await whenGenerationsHaveEnded(here);
  const head = await findConversationHead(env.db, user.workspaceId, user.userId, input.conversationId);
  const pages = [];
  for await (const page of readBranchPages(
    env.db,
    user.workspaceId,
    head?.id ?? "",
    head?.activeLeafId ?? null,
  ))
    pages.push(...page);
  expect(pages.map(({ role }) => role)).toEqual(["user", "assistant"]);
  expect(pages[1]?.model).toBe(models[0]);
  expect(await findBranchEnd(env.db, input.message.id)).toBe(input.answers[0]?.answerId);
});

test("a comparison has two or three different models", () => {
  const parse = (compared: string[]) => startComparisonSchema.safeParse(comparison("hi", compared)).success;
  expect(parse(["a"])).toBe(false);
  expect(parse(["a", "a"])).toBe(false);
  expect(parse(["a", "b", "c", "d"])).toBe(false);
  expect(parse(["a", "b", "c"])).toBe(true);
});
