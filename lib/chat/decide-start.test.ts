import { beforeAll, describe, expect, test, vi } from "vitest";
import { decideStart } from "#lib/chat/decide-start.ts";
import { foreseeStart } from "#lib/chat/foresee-start.ts";
import type { Gathered, GatheredMessage } from "#lib/chat/gather-start.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { titleIn } from "#lib/chat/titles.ts";
import { newId } from "#lib/core/ids.ts";
import { chargeMicros } from "#lib/usage/charge.ts";

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

function gathered(more: Partial<Gathered> = {}): Gathered {
  return {
    identity: { userId: "u", workspaceId: "w", workspaceCreatedAt: new Date("2026-01-31T00:00:00Z") },
    subscription: null,
    availableMicros: 1_000_000,
    freeGrantGiven: true,
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

function planFor(request: StartGeneration, known: Gathered) {
  const decision = decideStart(foreseeStart(request), known, at);
  if (decision.kind === "replay") throw new Error("It was taken for a repetition.");
  return decision.plan;
}

const message = (role: "user" | "assistant", content: string, status = "done"): GatheredMessage => ({
  id: newId(),
  role,
  status,
  content,
  tokens: content.length,
});

describe("what a request to answer comes to", () => {
  test("the first one of a month brings Free's credit along, a later one does not", () => {
    const first = planFor(input(), gathered({ availableMicros: 0, freeGrantGiven: false }));
    expect(first.grant).toMatchObject({ kind: "allowance", amountMicros: 500_000 });
    expect(first.grant?.startsAt.toISOString()).toBe("2026-10-31T00:00:00.000Z");
    expect(planFor(input(), gathered()).grant).toBeNull();
    expect(() => planFor(input(), gathered({ availableMicros: 0 }))).toThrow(
      expect.objectContaining({ code: "insufficient_credit" }),
    );
  });

  test("the hold pays for the whole answer, or for what the credit pays", () => {
    const rich = planFor(input(), gathered());
    const whole = {
      promptTokens: rich.promptTokens,
      cachedTokens: 0,
      completionTokens: rich.maxOutputTokens,
    };
    expect(rich.holdMicros).toBe(chargeMicros(rich.model.price, whole));
    const poor = planFor(input(), gathered({ availableMicros: 50 }));
    expect(poor.holdMicros).toBe(50);
    expect(poor.minimumMicros).toBeLessThanOrEqual(50);
  });

  test("what was sent before is followed by its owner, and does not exist for others", () => {
    expect(decideStart(foreseeStart(input()), gathered({ existing: { userId: "u" } }), at)).toEqual({
      kind: "replay",
    });
    expect(() => decideStart(foreseeStart(input()), gathered({ existing: { userId: "other" } }), at)).toThrow(
      expect.objectContaining({ code: "not_found" }),
    );
  });

  test("an answer that failed empty is not shown to the model", () => {
    const branch = { messages: [message("user", "one"), message("assistant", "", "failed")], hasMore: false };
    const plan = planFor(
      input({ parentId: newId() }),
      gathered({ conversation: { usable: true, untitled: false }, branch }),
    );
    expect(plan.prompt.map(({ content }) => content)).toEqual(["one", "hello"]);
  });

  test("another answer needs a question that is there", () => {
    const branch = { messages: [message("user", "one"), message("assistant", "two")], hasMore: false };
    for (const known of [gathered(), gathered({ branch })]) {
      expect(() => planFor(input({ parentId: newId(), message: null }), known)).toThrow(
        expect.objectContaining({ code: "not_found" }),
      );
    }
  });
});

test("a title is taken from a model's answer without its ornaments; nonsense gives none", () => {
  const answer = (content: unknown) => ({ choices: [{ message: { content } }] });
  expect(titleIn(answer('Title: "Night trains to Lisbon."\nMore'))).toBe("Night trains to Lisbon");
  expect(titleIn(answer("**Bread**"))).toBe("Bread");
  for (const nothing of [answer(""), answer(null), answer("***"), {}, null])
    expect(titleIn(nothing)).toBeNull();
});
