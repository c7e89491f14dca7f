import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  readChatPreferences,
  setFavoriteModel,
  setNewChatParameters,
} from "#lib/chat/conversations/chat-preferences.ts";
import { setParameters } from "#lib/chat/conversations/conversations.ts";
import { forkConversation } from "#lib/chat/conversations/fork-conversation.ts";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import {
  type AnswerParameters,
  defaultParameters,
} from "#lib/chat/generation/parameters/answer-parameters.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { startGenerationSchema } from "#lib/chat/generation/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { findModel } from "#lib/usage/price-list.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  startChatTestEnv,
  startInput,
  type TestUser,
} from "#tests/integration/chat/chat-test-env.ts";

const folder = mkdtempSync(join(tmpdir(), "parley-parameters-"));
const cost = { costUsdPerMillion: { input: 1, output: 4 } };
let env: ChatTestEnv;
let runtime: ChatRuntime;
let user: TestUser;
let stranger: TestUser;

beforeAll(async () => {
  const models = [
    { ...cost, id: "plain", label: "Plain", upstreamModel: "gpt-4.1-mini" },
    { ...cost, id: "reasoning", label: "Reasoning", upstreamModel: "gpt-5.4-mini", reasoningEffort: true },
    { ...cost, id: "failing", label: "Failing", upstreamModel: "sandbox-500", fallback: "reasoning" },
    { ...cost, id: "small", label: "Small", upstreamModel: "gpt-4.1-mini", contextWindow: 400 },
  ];
  writeFileSync(join(folder, "models.json"), JSON.stringify({ models }));
  vi.stubEnv("MODELS_FILE", join(folder, "models.json"));
  env = await startChatTestEnv();
  runtime = env.addInstance();
  user = await addUser(env);
  stranger = await addUser(env);
});
afterAll(async () => {
  await env.close();
  rmSync(folder, { recursive: true });
});

const read = (id: string) => readConversation(env.db, user.workspaceId, user.userId, id);
const chosen: AnswerParameters = { temperature: 0.3, maxTokens: 500, effort: "high" };

type SentBody = {
  model: string;
  temperature?: number;
  reasoning_effort?: string;
  max_completion_tokens: number;
};

/** The bodies of the requests that the model received since the last reset, but for titles. */
async function sentBodies(): Promise<SentBody[]> {
  const control = `${new URL(env.models.url).origin}/_control`;
  const response = await fetch(`${control}/requests`);
  const { requests } = (await response.json()) as { requests: { body: SentBody | null; stream: boolean }[] };
  await fetch(`${control}/reset`, { method: "POST" });
  return requests.flatMap(({ body, stream }) => (stream && body !== null ? [body] : []));
}

test("parameters are sent only to a model that accepts them, and the limit to every model", async () => {
  await sentBodies();
  await generate(runtime, user, startInput("say exactly: a", "plain", { parameters: chosen }));
  await generate(runtime, user, startInput("say exactly: b", "reasoning", { parameters: chosen }));
  await generate(runtime, user, startInput("say exactly: c", "plain"));
  const [plain, reasoning, unset] = await sentBodies();
  expect(plain).toMatchObject({ temperature: 0.3, max_completion_tokens: 500 });
  expect(plain).not.toHaveProperty("reasoning_effort");
  expect(reasoning).toMatchObject({ reasoning_effort: "high", max_completion_tokens: 500 });
  expect(reasoning).not.toHaveProperty("temperature");
  expect(unset).not.toHaveProperty("temperature");
  expect(unset?.max_completion_tokens).toBeGreaterThan(8_000);
});

test("a fallback gets the parameters that it accepts itself", async () => {
  await sentBodies();
  const { end } = await generate(
    runtime,
    user,
    startInput("say exactly: d", "failing", { parameters: chosen }),
  );
  expect(end?.outcome).toBe("done");
  const bodies = await sentBodies();
  expect(bodies.at(0)).toMatchObject({ model: "sandbox-500", temperature: 0.3 });
  expect(bodies.at(-1)).toMatchObject({ model: "gpt-5.4-mini", reasoning_effort: "high" });
  expect(bodies.at(-1)).not.toHaveProperty("temperature");
});

test("a limit is the most that an answer may hold and take (M5)", async () => {
  const input = startInput("long 3000 tokens", "plain", { parameters: { ...chosen, maxTokens: 1_000 } });
  const { end } = await generate(runtime, user, input);
  expect(end?.outcome).toBe("length");
  expect(end?.receipt?.completionTokens).toBeLessThanOrEqual(1_000);
  const price = findModel("plain")?.price;
  if (price === undefined) throw new Error("The model is missing.");
  const promptTokens = end?.receipt?.promptTokens ?? 0;
  const [hold] = await env.sql<{ amount: number }[]>`
    select h.amount_micros::float8 as amount from holds h join generations g on g.hold_id = h.id
    where g.id = ${input.generationId}`;
  expect(hold?.amount).toBe(chargeMicros(price, { promptTokens, cachedTokens: 0, completionTokens: 1_000 }));
});

test("a conversation keeps the parameters of its last answer, and a fork has them too", async () => {
  const first = startInput("say exactly: kept", "plain", { parameters: chosen });
  await generate(runtime, user, first);
  expect((await read(first.conversationId)).parameters).toEqual(chosen);
  const copy = newId();
  const fork = { messageId: first.answerId, conversationId: copy, titleOf: (title: string) => title };
  await forkConversation(env.db, user.workspaceId, user.userId, fork, now());
  expect((await read(copy)).parameters).toEqual(chosen);

  // Parameters that were reset do not come back with a regeneration.
  await setParameters(env.db, user.workspaceId, user.userId, first.conversationId, defaultParameters);
  const again = startInput("", "plain", {
    ...{ conversationId: first.conversationId, parentId: first.message?.id ?? "", message: null },
    parameters: defaultParameters,
  });
  await sentBodies();
  await generate(runtime, user, again);
  expect((await sentBodies())[0]).not.toHaveProperty("temperature");
  expect((await read(first.conversationId)).parameters).toEqual(defaultParameters);
});

test("a stranger changes no parameters of another user's conversation", async () => {
  const first = startInput("say exactly: mine", "plain");
  await generate(runtime, user, first);
  await expect(
    setParameters(env.db, stranger.workspaceId, stranger.userId, first.conversationId, chosen),
  ).rejects.toMatchObject({ code: "not_found" });
  expect((await read(first.conversationId)).parameters).toEqual(defaultParameters);
});

test.each([
  { ...chosen, temperature: 2.1 },
  { ...chosen, temperature: 0.33 },
  { ...chosen, maxTokens: 501 },
  { ...chosen, effort: "extreme" },
  { ...chosen, topP: 1 },
])("a request with the parameters %j is refused", (parameters) => {
  const body = { ...startInput("hello", "plain"), parameters };
  expect(startGenerationSchema.safeParse(body).success).toBe(false);
});

test("favorites and the parameters of new chats belong to the user, whatever is repeated", async () => {
  const preferences = () => readChatPreferences(env.db, user.userId);
  expect(await preferences()).toEqual({ favoriteModels: [], parameters: defaultParameters });
  await setFavoriteModel(env.db, user.userId, "plain", true);
  await setFavoriteModel(env.db, user.userId, "reasoning", true);
  await setFavoriteModel(env.db, user.userId, "reasoning", true);
  await setNewChatParameters(env.db, user.userId, chosen);
  expect(await preferences()).toEqual({ favoriteModels: ["plain", "reasoning"], parameters: chosen });
  await setFavoriteModel(env.db, user.userId, "plain", false);
  await setFavoriteModel(env.db, user.userId, "plain", false);
  await setNewChatParameters(env.db, user.userId, defaultParameters);
  expect(await preferences()).toEqual({ favoriteModels: ["reasoning"], parameters: defaultParameters });
  await expect(setFavoriteModel(env.db, user.userId, "nowhere", true)).rejects.toMatchObject({
    code: "model_not_found",
  });
  expect((await readChatPreferences(env.db, stranger.userId)).favoriteModels).toEqual([]);
});

test("a user has at most 100 favorites, and the oldest leave", async () => {
  const many = Array.from({ length: 100 }, (_, index) => `gone-${index}`);
  await env.sql`insert into chat_preferences (user_id, favorite_models) values (${stranger.userId}, ${many})`;
  await setFavoriteModel(env.db, stranger.userId, "plain", true);
  const { favoriteModels } = await readChatPreferences(env.db, stranger.userId);
  expect(favoriteModels).toEqual([...many.slice(1), "plain"]);
});

test("a receipt names the first message that the model was sent, when earlier ones did not fit", async () => {
  const words = (count: number) => `say exactly: ${"word ".repeat(count).trim()}`;
  const first = startInput(words(60), "small");
  expect((await generate(runtime, user, first)).end?.receipt?.firstMessageId).toBeNull();
  const next = (parentId: string) =>
    startInput(words(60), "small", { conversationId: first.conversationId, parentId });
  const second = next(first.answerId);
  await generate(runtime, user, second);
  const third = next(second.answerId);
  const { end } = await generate(runtime, user, third);
  // A prompt of this model has at most 300 tokens.
  expect(end?.receipt?.firstMessageId).toBe(second.message?.id);
  const { messages } = await read(first.conversationId);
  expect(messages.map(({ receipt }) => receipt?.firstMessageId ?? null)).toEqual([
    ...[null, null, null, null, null],
    second.message?.id,
  ]);
  // The tokens of the messages explain the prompt: what the browser adds up for its estimate.
  const sent = messages.slice(2, 5).reduce((sum, { tokens }) => sum + (tokens ?? 0) + 4, 3);
  expect(end?.receipt?.promptTokens).toBe(sent);
});
