import { afterAll, beforeAll, expect, test } from "vitest";
import { readGeneration } from "#lib/chat/generation/readers/read-generation.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { stopGeneration } from "#lib/chat/generation/stop-generation.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { likelyOutputTokens } from "#lib/usage/likely-output.ts";
import { findModel } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";
import {
  addUser,
  type ChatTestEnv,
  generate,
  readCredit,
  readStoredAnswer,
  readToEnd,
  start,
  startChatTestEnv,
  startInput,
} from "#tests/integration/chat/chat-test-env.ts";

let env: ChatTestEnv;
let runtime: ChatRuntime;
const model = "gpt-4.1-mini";
const never = () => new AbortController().signal;

beforeAll(async () => {
  env = await startChatTestEnv({ tokensPerSecond: 200, firstTokenMs: 5 });
  runtime = env.addInstance({ silenceMs: 5_000, betweenTokensMs: 2_000 });
});
afterAll(() => env.close());

test("a stop before the first token ends the generation without a charge or a hold", async () => {
  const user = await addUser(env);
  const input = startInput("hello", "sandbox-hang");
  const started = await start(runtime, user, input);
  await stopGeneration(user, input.generationId, runtime);
  const result = await readToEnd(await started.read(0, never()));
  expect(result).toMatchObject({ text: "", end: { outcome: "stopped", receipt: null, error: null } });
  expect(await readCredit(env, user)).toMatchObject({ balance: 1_000_000, held: 0, open: 0, charges: 0 });
});

test("a stopped generation keeps its text and is charged once for the received tokens", async () => {
  const user = await addUser(env);
  const input = startInput("long 2000 tokens", model);
  const started = await start(runtime, user, input);
  const reader = await started.read(0, never());
  let seen = "";
  for await (const item of reader) {
    if (item === "heartbeat" || item.event.type === "title") continue;
    if (item.event.type === "end") {
      expect(item.event).toMatchObject({ outcome: "stopped", receipt: { estimated: true } });
      expect(item.event.receipt?.completionTokens).toBe(countText(model, seen));
      break;
    }
    const before = seen;
    seen += item.event.text;
    if (before.length < 100 && seen.length >= 100) {
      await Promise.all([1, 2, 3].map(() => stopGeneration(user, input.generationId, runtime)));
    }
  }
  expect(await readStoredAnswer(env, input)).toMatchObject({
    text: seen,
    status: "stopped",
    generation: "stopped",
  });
  const money = await readCredit(env, user);
  expect(money).toMatchObject({ charges: 1, held: 0, open: 0 });
  const prompt = countText(model, "long 2000 tokens") + 7;
  const usage = { promptTokens: prompt, cachedTokens: 0, completionTokens: countText(model, seen) };
  expect(money.spent).toBe(chargeMicros(priceOf(model), usage));
});

test("stopping a finished generation changes nothing, and another user cannot stop it", async () => {
  const user = await addUser(env);
  const otherUser = await addUser(env);
  const input = startInput("say exactly: done", model);
  await generate(runtime, user, input);
  await stopGeneration(user, input.generationId, runtime);
  expect(await readStoredAnswer(env, input)).toMatchObject({ status: "done", text: "done" });
  await expect(stopGeneration(otherUser, input.generationId, runtime)).rejects.toMatchObject({
    code: "not_found",
  });
});

const nothingCame = { text: "", charges: 0 };
test.each([
  ["sandbox-429", "model_busy", nothingCame],
  ["sandbox-500", "model_failed", nothingCame],
  ["sandbox-invalid-key", "model_unavailable", nothingCame],
  ["sandbox-hang", "model_timeout", nothingCame],
  ["sandbox-empty", "model_failed", nothingCame],
  ["sandbox-stall", "model_timeout", { charges: 1 }],
  ["sandbox-cut", "model_failed", { charges: 1 }],
  ["sandbox-malformed", "model_failed", { charges: 1 }],
  ["sandbox-error-midstream", "model_failed", { charges: 1 }],
])(
  "%s ends a generation with the code %s, keeps its text and charges received tokens only",
  async (name, code, wanted) => {
    const user = await addUser(env);
    const input = startInput("long 100 tokens", name);
    const result = await generate(runtime, user, input);
    expect(result.end).toMatchObject({ outcome: "failed", error: { code } });
    expect(await readStoredAnswer(env, input)).toMatchObject({
      text: result.text,
      status: "failed",
      errorCode: code,
    });
    expect(result.text === "").toBe(wanted.charges === 0);
    const money = await readCredit(env, user);
    expect(money).toMatchObject({ held: 0, open: 0, charges: wanted.charges });
    expect(result.end?.receipt?.estimated ?? true).toBe(true);
    expect(money.spent).toBe(result.end?.receipt?.chargedMicros ?? 0);
  },
);

test.each(["sandbox-429-once", "sandbox-500-once"])("%s is retried without an error", async (name) => {
  const user = await addUser(env);
  const result = await generate(runtime, user, startInput("say exactly: here", name));
  expect(result).toMatchObject({ text: "here", end: { outcome: "done" } });
});

test("an answer without usage is charged by our count and marked estimated", async () => {
  const user = await addUser(env);
  const result = await generate(runtime, user, startInput("long 50 tokens", "sandbox-no-usage"));
  expect(result.end).toMatchObject({ outcome: "done", receipt: { estimated: true } });
  expect(result.end?.receipt?.completionTokens).toBe(countText("sandbox-no-usage", result.text));
});

test.each(["gpt-4.1-mini", "sandbox-endless"])(
  "%s: a generation ends as out_of_credit and keeps its text when the hold is used up",
  async (name) => {
    const usage = {
      promptTokens: countText(name, "long 5000 tokens") + 7,
      cachedTokens: 0,
      completionTokens: 60,
    };
    const creditMicros = chargeMicros(priceOf(name), usage);
    const user = await addUser(env, creditMicros);
    const input = startInput("long 5000 tokens", name);
    const result = await generate(runtime, user, input);
    expect(result.end).toMatchObject({ outcome: "out_of_credit", error: null });
    expect(await readStoredAnswer(env, input)).toMatchObject({ text: result.text, status: "out_of_credit" });
    expect(countText(name, result.text)).toBeGreaterThan(50);
    const money = await readCredit(env, user);
    expect(money).toMatchObject({ held: 0, open: 0, charges: 1 });
    expect(money.balance).toBeGreaterThanOrEqual(0);
  },
);

test("of fifty concurrent starts on credit for three, exactly three start", async () => {
  const patient = env.addInstance();
  const text = "long 30000 tokens";
  const price = priceOf(model);
  const promptTokens = countText(model, text) + 7;
  const completionTokens = likelyOutputTokens(model);
  const likelyMicros = chargeMicros(price, { promptTokens, cachedTokens: 0, completionTokens });
  const user = await addUser(env, 3 * likelyMicros);
  const inputs = Array.from({ length: 50 }, () => startInput(text, model));
  const results = await Promise.allSettled(inputs.map((input) => start(patient, user, input)));
  const begun = inputs.filter((_, index) => results[index]?.status === "fulfilled");
  expect(begun).toHaveLength(3);
  for (const result of results) {
    if (result.status === "rejected")
      expect(["credit_reserved", "insufficient_credit"]).toContain(result.reason.code);
  }
  for (const input of begun) {
    const follow = () => readGeneration(user, input.generationId, 0, never(), patient);
    expect((await readToEnd(await follow(), "", (so) => so !== "")).text).not.toBe("");
    await stopGeneration(user, input.generationId, patient);
    expect((await readToEnd(await follow())).end?.outcome).toMatch(/^(stopped|out_of_credit)$/);
  }
  expect(await readCredit(env, user)).toMatchObject({ open: 0, held: 0, charges: 3 });
});

function priceOf(name: string) {
  const found = findModel(name);
  if (found === undefined) throw new Error(`There is no model ${name}.`);
  return found.price;
}
