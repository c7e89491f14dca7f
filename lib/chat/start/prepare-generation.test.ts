import { beforeAll, expect, test, vi } from "vitest";
import type { SubscriptionRow } from "#lib/billing/entitlements/subscription-state.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import type { LoadedGeneration, LoadedMessage } from "#lib/chat/start/load-generation.ts";
import { prepareGeneration } from "#lib/chat/start/prepare-generation.ts";
import { toStartRequest } from "#lib/chat/start/start-request.ts";
import { newId } from "#lib/core/ids.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { likelyOutputTokens } from "#lib/usage/likely-output.ts";

const at = new Date("2026-11-20T12:00:00Z");
const model = "gpt-4.1-mini";

beforeAll(() => {
  const environment = {
    APP_ENV: "test",
    APP_URL: "http://localhost:3000",
    AUTH_SECRET: "a-secret-of-at-least-thirty-two-characters",
    DATABASE_URL: "postgres://nowhere.invalid/none",
    OPENAI_API_KEY: "sk-sandbox",
    STRIPE_SECRET_KEY: "sk_test_x",
    STRIPE_WEBHOOK_SECRET: "whsec_x",
    SMTP_URL: "smtp://localhost:1",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

function loaded(more: Partial<LoadedGeneration> = {}): LoadedGeneration {
  return {
    identity: {
      userId: "u",
      workspaceId: "w",
      workspaceCreatedAt: new Date("2026-01-31T00:00:00Z"),
      emailConfirmed: true,
      freeCreditFrom: null,
    },
    subscriptions: [],
    conversation: null,
    branch: { messages: [], hasMore: false },
    existing: null,
    ...more,
  };
}

function input(more: Partial<StartGeneration> = {}): StartGeneration {
  const ids = { generationId: newId(), conversationId: newId(), answerId: newId() };
  return { ...ids, parentId: null, message: { id: newId(), text: "hello" }, model, ...more };
}

function prepare(request: StartGeneration, facts: LoadedGeneration) {
  const preparation = prepareGeneration(toStartRequest(request), facts, at);
  if (preparation.kind === "replay") throw new Error("The request counts as a replay.");
  return preparation.generation;
}

const message = (role: "user" | "assistant", content: string, status = "done"): LoadedMessage => ({
  id: newId(),
  role,
  status,
  content,
  tokens: content.length,
  reasoning: null,
  reasoningTokens: null,
});

const subscription: SubscriptionRow = {
  id: "sub_1",
  status: "active",
  cancelAtPeriodEnd: false,
  cancelAtMs: null,
  trialEndsAtMs: null,
  pastDueSinceMs: null,
  createdAtMs: at.getTime() - 86_400_000,
  items: [
    {
      id: "si_1",
      lookupKey: "pro_month",
      periodStartMs: at.getTime() - 86_400_000,
      periodEndMs: at.getTime() + 86_400_000,
    },
  ],
};

test("a generation on the Free plan brings the free allowance of its month, on a paid plan none (M9)", () => {
  const { grant } = prepare(input(), loaded());
  expect(grant).toMatchObject({ kind: "allowance", amountMicros: 500_000 });
  expect(grant?.startsAt.toISOString()).toBe("2026-10-31T00:00:00.000Z");
  expect(prepare(input(), loaded({ subscriptions: [subscription] })).grant).toBeNull();
});

test("the hold covers the prompt and the longest answer, and at least the prompt and one token (M2)", () => {
  const { promptTokens, maxOutputTokens, holdMicros, likelyMicros, minimumMicros, ...generation } = prepare(
    input({ model: "gpt-5.4-mini" }),
    loaded(),
  );
  const charge = (completionTokens: number) =>
    chargeMicros(generation.model.price, { promptTokens, cachedTokens: 0, completionTokens });
  expect(holdMicros).toBe(charge(maxOutputTokens));
  expect(likelyMicros).toBe(charge(likelyOutputTokens("gpt-5.4-mini")));
  expect(minimumMicros).toBe(charge(1));
});

test("D8: the hold of a model whose output is seen as it is written covers a likely answer (M5)", () => {
  const { promptTokens, maxOutputTokens, holdMicros, likelyMicros, model } = prepare(
    input({ model: "gpt-4.1-mini" }),
    loaded(),
  );
  const completionTokens = likelyOutputTokens(model.id);
  expect(completionTokens).toBeLessThan(maxOutputTokens);
  expect(holdMicros).toBe(chargeMicros(model.price, { promptTokens, cachedTokens: 0, completionTokens }));
  expect(likelyMicros).toBe(holdMicros);
});

test("a request with the id of an existing generation is a replay for its owner and not found for others", () => {
  const request = toStartRequest(input());
  expect(prepareGeneration(request, loaded({ existing: { userId: "u" } }), at)).toEqual({ kind: "replay" });
  expect(() => prepareGeneration(request, loaded({ existing: { userId: "other" } }), at)).toThrow(
    expect.objectContaining({ code: "not_found" }),
  );
});

test("the prompt leaves out an answer that failed without text", () => {
  const branch = { messages: [message("user", "one"), message("assistant", "", "failed")], hasMore: false };
  const { prompt } = prepare(
    input({ parentId: newId() }),
    loaded({ conversation: { usable: true, untitled: false }, branch }),
  );
  expect(prompt.map(({ content }) => content)).toEqual(["one", "hello"]);
});

test("a regeneration needs a branch, and a continuation an answer that ended early with text", () => {
  const again = input({ parentId: newId(), message: null });
  const failWith = (code: string) => expect.objectContaining({ code });
  expect(() => prepare(again, loaded())).toThrow(failWith("not_found"));
  for (const last of [message("assistant", "two"), message("assistant", "two", "content_filter")]) {
    const branch = { messages: [message("user", "one"), last], hasMore: false };
    expect(() => prepare(again, loaded({ branch }))).toThrow(failWith("conflict"));
  }
  const empty = { messages: [message("user", "one"), message("assistant", "", "length")], hasMore: false };
  expect(() => prepare(again, loaded({ branch: empty }))).toThrow(failWith("conflict"));
});

test("a continuation's prompt has the parts of the answer as one message and asks for the rest", () => {
  const parts = [message("assistant", "The quick", "length"), message("assistant", "quick brown", "stopped")];
  const branch = { messages: [message("user", "one"), ...parts], hasMore: false };
  const continuation = prepare(input({ parentId: parts[1]?.id ?? "", message: null }), loaded({ branch }));
  expect(continuation.prompt.slice(0, 2)).toEqual([
    { role: "user", content: "one" },
    { role: "assistant", content: "The quick brown" },
  ]);
  expect(continuation.prompt[2]).toMatchObject({ role: "user" });
  expect(continuation.prompt[2]?.content).toContain("cut off");
  expect(continuation).toMatchObject({ userMessage: null, answerParentId: parts[1]?.id });
  const next = prepare(input({ parentId: parts[1]?.id ?? "" }), loaded({ branch }));
  expect(next.prompt.map(({ content }) => content)).toEqual(["one", "The quick brown", "hello"]);
});

test("a continuation whose answer does not fit into the model's context is refused", () => {
  const long = { ...message("assistant", "long", "length"), tokens: 2_000_000 };
  const branch = { messages: [message("user", "one"), long], hasMore: false };
  const again = input({ parentId: long.id, message: null, model: "gpt-5.4-mini" });
  expect(() => prepare(again, loaded({ branch }))).toThrow(
    expect.objectContaining({ code: "context_too_long" }),
  );
});

test("a model above the plan is refused, whatever the credit", () => {
  expect(() => prepare(input({ model: "gpt-5.5" }), loaded())).toThrow(
    expect.objectContaining({ code: "plan_required" }),
  );
});

test("C5: thinking is in the prompt only if it was loaded, because the model needs it, and counts there", () => {
  const answer = { ...message("assistant", "two"), reasoning: "hm", reasoningTokens: 40 };
  const branch = { messages: [message("user", "one"), answer], hasMore: false };
  const withThinking = prepare(input({ parentId: answer.id }), loaded({ branch }));
  const without = prepare(
    input({ parentId: answer.id }),
    loaded({ branch: { messages: [message("user", "one"), message("assistant", "two")], hasMore: false } }),
  );
  expect(withThinking.prompt[1]).toEqual({ role: "assistant", content: "two", reasoning: "hm" });
  expect(without.prompt[1]).toEqual({ role: "assistant", content: "two" });
  expect(withThinking.promptTokens - without.promptTokens).toBe(40);
});
