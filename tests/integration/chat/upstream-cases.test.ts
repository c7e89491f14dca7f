import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readConversation } from "#lib/chat/conversations/read-conversation.ts";
import { isContentEvent, reasoningOf, textOf } from "#lib/chat/generation/answer-content.ts";
import { readGeneration } from "#lib/chat/generation/readers/read-generation.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { stopGeneration } from "#lib/chat/generation/stop-generation.ts";
import type { NumberedEvent, StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { generateTitle } from "#lib/chat/generation/titles.ts";
import { type Alert, deliverAlertsTo } from "#lib/core/alerts.ts";
import { chargeMicros } from "#lib/usage/charge.ts";
import { findModel } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";
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
import {
  chunk,
  done,
  type Script,
  type ScriptedUpstream,
  startScriptedUpstream,
  streamOf,
  usageChunk,
  wholeOf,
} from "#tests/integration/chat/scripted-upstream.ts";

// What upstreams send, through the whole chat: from the wire to the stored message and the ledger.

let env: ChatTestEnv;
let upstream: ScriptedUpstream;
let here: ChatRuntime;
let elsewhere: ChatRuntime;
let user: TestUser;
const alerts: Alert[] = [];
const never = () => new AbortController().signal;
const silenceMs = 400;

beforeAll(async () => {
  env = await startChatTestEnv();
  upstream = await startScriptedUpstream({
    plain: {},
    thinker: { maxThinkingSeconds: 20 },
    hasty: { maxThinkingSeconds: 1 },
    returning: { returnReasoningAs: "reasoning_content" },
    "sandbox-like": { fallback: "plain" },
  });
  here = env.addInstance({ silenceMs, betweenTokensMs: 2_000, afterFinishMs: 50 });
  elsewhere = env.addInstance();
});
afterAll(async () => {
  await env.close();
  await upstream.close();
});
beforeEach(async () => {
  user = await addUser(env, 25_000_000);
  alerts.length = 0;
  deliverAlertsTo(async (alert) => void alerts.push(alert));
});

function priceOf(name: string) {
  const found = findModel(name);
  if (found === undefined) throw new Error(`There is no model ${name}.`);
  return found.price;
}

/** What our own count of the prompt and of an answer costs. */
function ownCharge(prompt: string, answer: string, model = "plain"): number {
  const promptTokens = countText(model, prompt) + 7;
  return chargeMicros(priceOf(model), {
    promptTokens,
    cachedTokens: 0,
    completionTokens: countText(model, answer),
  });
}

async function readParts(input: StartGeneration) {
  const [row] = await env.sql<{ parts: { type: string; text: string; durationMs?: number }[] }[]>`
    select parts from messages where id = ${input.answerId}`;
  return row?.parts ?? [];
}

describe("signs of life", () => {
  test.each([
    ["comments", ": OPENROUTER PROCESSING\n\n"],
    ["reasoning", chunk({ reasoning: "hm " })],
    ["empty deltas", chunk({ content: "" })],
    ["single bytes", ":"],
  ])("C2: %s keep a request alive beyond the silence timeout", async (_name, sign) => {
    upstream.answer(async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      for (let times = 0; times < 8; times++) {
        response.write(sign);
        await pause(silenceMs / 4);
      }
      response.end(`\n\n${chunk({ content: "Here." })}${chunk({}, "stop")}${done}`);
    });
    const result = await generate(here, user, startInput("hello", "plain"));
    expect(result).toMatchObject({ text: "Here.", end: { outcome: "done" } });
  });

  test("C2: a silent model may think as long as its entry states, another one may not", async () => {
    upstream.answer(async (response) => {
      await pause(silenceMs * 2);
      await streamOf(
        chunk({ content: "Here." }),
        chunk({}, "stop"),
        done,
      )(response, { model: "", messages: [] });
    });
    const thinker = await generate(here, user, startInput("hello", "thinker"));
    expect(thinker).toMatchObject({ text: "Here.", end: { outcome: "done" } });
    const plain = await generate(here, user, startInput("hello", "plain"));
    expect(plain.end).toMatchObject({ outcome: "failed", error: { code: "model_timeout" }, receipt: null });
  });
});

/** Sends a sign of life again and again, until the client has left. */
function repeat(first: string, sign: string): Script {
  return async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(first);
    while (!response.destroyed) {
      response.write(sign);
      await pause(20);
    }
  };
}

test("C2: thinking ends at the maximum time that the model's entry states", async () => {
  upstream.answer(repeat("", chunk({ reasoning: "hm " })));
  const result = await generate(here, user, startInput("hello", "hasty"));
  expect(result.end).toMatchObject({ outcome: "failed", error: { code: "model_timeout" }, receipt: null });
});

test("C2: once text flows, comments do not replace tokens", async () => {
  upstream.answer(repeat(chunk({ content: "Some text" }), ": still here\n\n"));
  const impatient = env.addInstance({ silenceMs: 5_000, betweenTokensMs: 300 });
  const result = await generate(impatient, user, startInput("hello", "plain"));
  expect(result).toMatchObject({
    text: "Some text",
    end: { outcome: "failed", error: { code: "model_timeout" } },
  });
});

describe("endings", () => {
  test.each([
    ["length", "length"],
    ["content_filter", "content_filter"],
  ])(
    "C3: finish_reason %s after some text is the outcome %s, in the stream and stored",
    async (reason, outcome) => {
      upstream.answer(streamOf(chunk({ content: "Some text" }), chunk({}, reason), usageChunk(8, 2), done));
      const input = startInput("hello", "plain");
      const result = await generate(here, user, input);
      expect(result).toMatchObject({ text: "Some text", end: { outcome, error: null } });
      expect(await readStoredAnswer(env, input)).toMatchObject({ status: outcome, generation: outcome });
      const [, answer] = (await readConversation(env.db, user.workspaceId, user.userId, input.conversationId))
        .messages;
      expect(answer).toMatchObject({ text: "Some text", status: outcome });
    },
  );

  test("C11: [DONE] ends the answer although the socket stays open", async () => {
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: "All of it." }) + chunk({}, "stop") + usageChunk(8, 3) + done);
    });
    const startedAt = performance.now();
    const result = await generate(here, user, startInput("hello", "plain"));
    expect(result).toMatchObject({
      text: "All of it.",
      end: { outcome: "done", receipt: { estimated: false } },
    });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  test("C15: finish_reason error fails the answer, keeps its text and charges what was received", async () => {
    upstream.answer(streamOf(chunk({ content: "Some text" }), chunk({}, "error"), done));
    const input = startInput("hello", "plain");
    const result = await generate(here, user, input);
    expect(result).toMatchObject({
      text: "Some text",
      end: { outcome: "failed", error: { code: "model_failed" } },
    });
    expect((await readCredit(env, user)).spent).toBe(ownCharge("hello", "Some text"));
    upstream.answer(streamOf(chunk({ role: "assistant" }), chunk({}, "error"), done));
    const poor = await addUser(env);
    const failed = await generate(here, poor, startInput("hello", "plain"));
    expect(failed.end).toMatchObject({ outcome: "failed", receipt: null });
    expect(await readCredit(env, poor)).toMatchObject({ charges: 0, held: 0, open: 0 });
  });
});

describe("content", () => {
  test("C13: content as a list of parts is the text", async () => {
    const parts = (text: string) => chunk({ content: [{ type: "text", text }] });
    upstream.answer(streamOf(parts("Hello, "), parts("you."), chunk({}, "stop"), done));
    const result = await generate(here, user, startInput("hello", "plain"));
    expect(result).toMatchObject({ text: "Hello, you.", end: { outcome: "done" } });
  });

  test("C14: text before an error in the same read is kept", async () => {
    const error = `data: ${JSON.stringify({ error: { message: "overloaded" } })}\n\n`;
    upstream.answer(streamOf(chunk({ content: "Half a sent" }) + error));
    const input = startInput("hello", "plain");
    const result = await generate(here, user, input);
    expect(result).toMatchObject({ text: "Half a sent", end: { outcome: "failed" } });
    expect((await readStoredAnswer(env, input)).text).toBe("Half a sent");
  });

  test("C14: unknown events are skipped", async () => {
    const unknown = 'event: ping\ndata: {"type":"ping"}\n\ndata: {"id":"x","prompt_filter_results":[]}\n\n';
    upstream.answer(
      streamOf(
        unknown,
        chunk({ content: "Hel" }),
        unknown,
        chunk({ content: "lo" }),
        chunk({}, "stop"),
        done,
      ),
    );
    const result = await generate(here, user, startInput("hello", "plain"));
    expect(result).toMatchObject({ text: "Hello", end: { outcome: "done" } });
  });

  test("an answer that is all thinking and ends normally is shown as the answer", async () => {
    upstream.answer(streamOf(chunk({ reasoning: "It is four." }), chunk({}, "stop"), done));
    const result = await generate(here, user, startInput("2+2?", "plain"));
    expect(result).toMatchObject({ text: "It is four.", end: { outcome: "done" } });
    expect((await readCredit(env, user)).spent).toBe(ownCharge("2+2?", "It is four."));
  });
});

describe("thinking", () => {
  const thinkings: [string, string[]][] = [
    ["reasoning", [chunk({ reasoning: "So it " }), chunk({ reasoning: "is." })]],
    ["reasoning_content", [chunk({ reasoning_content: "So it is." })]],
    ["reasoning_details", [chunk({ reasoning_details: [{ type: "reasoning.text", text: "So it is." }] })]],
    ["thinking", [chunk({ thinking: "So it is." })]],
    ["<think> in the text", [chunk({ content: "<thi" }), chunk({ content: "nk>So it is.</think>\n\n" })]],
  ];
  test.each(thinkings)(
    "C5: %s is stored apart from the answer and is not in the next prompt",
    async (_name, events) => {
      upstream.answer(streamOf(...events, chunk({ content: "Four." }), chunk({}, "stop"), done));
      const input = startInput("2+2?", "plain");
      const result = await generate(here, user, input);
      expect(result).toMatchObject({ text: "Four.", reasoning: "So it is.", end: { outcome: "done" } });
      expect(await readParts(input)).toEqual([
        { type: "reasoning", text: "So it is.", durationMs: expect.any(Number) },
        { type: "text", text: "Four." },
      ]);
      const { messages } = await readConversation(
        env.db,
        user.workspaceId,
        user.userId,
        input.conversationId,
      );
      expect(messages[1]).toMatchObject({ text: "Four.", reasoning: "So it is." });
      // Thinking is charged like the answer.
      expect((await readCredit(env, user)).spent).toBeGreaterThan(ownCharge("2+2?", "Four."));
      expect((await readStoredAnswer(env, input)).tokens).toBe(countText("plain", "Four."));
      const next = { conversationId: input.conversationId, parentId: input.answerId };
      await generate(here, user, startInput("And 3+3?", "plain", next));
      expect(upstream.received.at(-1)?.messages).toEqual([
        { role: "user", content: "2+2?" },
        { role: "assistant", content: "Four." },
        { role: "user", content: "And 3+3?" },
      ]);
    },
  );

  test("C5: a model whose entry demands it gets its thinking back, another model does not", async () => {
    upstream.answer(
      streamOf(
        chunk({ reasoning_content: "So it is." }),
        chunk({ content: "Four." }),
        chunk({}, "stop"),
        done,
      ),
    );
    const input = startInput("2+2?", "returning");
    await generate(here, user, input);
    const next = { conversationId: input.conversationId, parentId: input.answerId };
    await generate(here, user, startInput("And 3+3?", "returning", next));
    expect(upstream.received.at(-1)?.messages[1]).toEqual({
      role: "assistant",
      content: "Four.",
      reasoning_content: "So it is.",
    });
    await generate(here, user, startInput("And 4+4?", "plain", next));
    expect(upstream.received.at(-1)?.messages[1]).toEqual({ role: "assistant", content: "Four." });
  });

  test("C5: thinking is replayed from every position, from the log and from the stored message", async () => {
    const deltas = [
      { reasoning: "So " },
      { reasoning: "it is." },
      { content: "Four " },
      { reasoning: "Sure?" },
    ];
    const events = [...deltas, { content: "exactly." }].map((delta) => chunk(delta));
    let write = (_event: string) => {};
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      write = (event) => void response.write(event);
      write(events[0] ?? "");
    });
    const input = startInput("2+2?", "plain");
    const started = await start(here, user, input);
    // Each piece is sent after the one before was read, so that they alternate.
    let next = 1;
    for await (const item of await started.read(0, never()))
      if (item !== "heartbeat" && isContentEvent(item)) write(events[next++] ?? chunk({}, "stop") + done);
    const whole = "So it is.Four Sure?exactly.";
    for (const source of ["log", "message"]) {
      if (source === "message")
        await env.sql`delete from generation_events where generation_id = ${input.generationId}`;
      for (const position of [0, 4, 9, 11, 17, whole.length]) {
        const items: NumberedEvent[] = [];
        for await (const item of await readGeneration(user, input.generationId, position, never(), elsewhere))
          if (item !== "heartbeat") items.push(item);
        const content = items.filter(isContentEvent);
        expect(content.map(({ event }) => event.text).join(""), `${source} from ${position}`).toBe(
          whole.slice(position),
        );
        expect(items.at(-1)).toMatchObject({ id: whole.length, event: { type: "end", outcome: "done" } });
        if (position > 0) continue;
        expect(textOf(content)).toBe("Four exactly.");
        expect(reasoningOf(content)).toBe("So it is.Sure?");
      }
    }
  });

  test("C5, D6: a stop while the model thinks keeps and charges the thinking; a failure then costs nothing", async () => {
    let finish: ((tail: string) => void) | undefined;
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ reasoning: "So it is." }));
      finish = (tail) => response.end(tail);
    });
    const input = startInput("2+2?", "thinker");
    const started = await start(here, user, input);
    const thinking = (result: { reasoning: string }) => result.reasoning !== "";
    await readToEnd(await started.read(0, never()), "", undefined, thinking);
    await stopGeneration(user, input.generationId, here);
    const stopped = await readToEnd(await started.read(0, never()));
    expect(stopped).toMatchObject({
      reasoning: "So it is.",
      end: { outcome: "stopped", receipt: { estimated: true } },
    });
    expect((await readCredit(env, user)).spent).toBe(ownCharge("2+2?", "So it is.", "thinker"));

    const poor = await addUser(env);
    const other = startInput("2+2?", "thinker");
    const failing = await start(here, poor, other);
    await readToEnd(await failing.read(0, never()), "", undefined, thinking);
    finish?.('data: {"error":{"message":"gone"}}\n\n');
    const failed = await readToEnd(await failing.read(0, never()));
    expect(failed).toMatchObject({
      reasoning: "So it is.",
      text: "",
      end: { outcome: "failed", receipt: null },
    });
    expect(await readCredit(env, poor)).toMatchObject({ charges: 0, held: 0, open: 0 });
  });

  test("C5: a running conversation has the partial thinking, and its stream goes on after it", async () => {
    let finish: (() => void) | undefined;
    upstream.answer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ reasoning: "So it " }));
      finish = () =>
        response.end(chunk({ reasoning: "is." }) + chunk({ content: "Four." }) + chunk({}, "stop") + done);
    });
    const input = startInput("2+2?", "thinker");
    await start(here, user, input);
    const read = () => readConversation(env.db, user.workspaceId, user.userId, input.conversationId);
    await expect.poll(async () => (await read()).messages[1]?.reasoning, pollOptions).toBe("So it ");
    finish?.();
    const rest = await readToEnd(
      await readGeneration(user, input.generationId, 6, never(), elsewhere),
      "",
      undefined,
      undefined,
      "So it ",
    );
    expect(rest).toMatchObject({ text: "Four.", reasoning: "So it is.", end: { outcome: "done" } });
  });
});

describe("usage", () => {
  test("C12: usage far beyond what was asked for is not believed, and the operator is told", async () => {
    upstream.answer(
      streamOf(chunk({ content: "Yes." }), chunk({}, "stop"), usageChunk(1_000_000, 90_000_000), done),
    );
    const result = await generate(here, user, startInput("Is it?", "plain"));
    expect(result.end).toMatchObject({ outcome: "done", receipt: { estimated: true } });
    expect((await readCredit(env, user)).spent).toBe(ownCharge("Is it?", "Yes."));
    // The operator is told beside the answer's end.
    await vi.waitFor(() =>
      expect(alerts.map(({ title }) => title)).toEqual([
        expect.stringContaining("usage that is not plausible"),
      ]),
    );
  });

  const text = "The quick brown fox jumps over the lazy dog. ".repeat(6);
  test.each([
    ["the prompt", usageChunk(50_000, 60)],
    ["the completion", usageChunk(12, 9_000)],
    ["a tenth of the text", usageChunk(12, 5)],
    ["zero", usageChunk(0, 0)],
    ["a fraction", usageChunk(12, 30.5)],
    ["a negative count", usageChunk(12, -60)],
    ["no completion", usageChunk(12, undefined)],
  ])("C12: usage that is wrong about %s is replaced by our own count", async (_name, reported) => {
    upstream.answer(streamOf(chunk({ content: text }), chunk({}, "stop"), reported, done));
    const result = await generate(here, user, startInput("Tell me", "plain"));
    expect(result.end).toMatchObject({ outcome: "done", receipt: { estimated: true } });
    expect((await readCredit(env, user)).spent).toBe(ownCharge("Tell me", text));
  });

  test("C12: usage of another tokenizer and of hidden thinking is believed", async () => {
    const hidden = {
      prompt_tokens: 21,
      completion_tokens: 3_120,
      completion_tokens_details: { reasoning_tokens: 3_000 },
    };
    upstream.answer(streamOf(chunk({ content: text }), chunk({}, "stop", { usage: hidden }), done));
    const result = await generate(here, user, startInput("Tell me", "plain"));
    expect(result.end?.receipt).toMatchObject({
      promptTokens: 21,
      completionTokens: 3_120,
      estimated: false,
    });
    expect(alerts).toEqual([]);
  });
});

describe("titles", () => {
  test.each([
    ["thinking before it", { content: "<think>About trains.</think>\n\nNight trains" }, "Night trains"],
    ["a fence", { content: "```\nNight trains\n```" }, "Night trains"],
    ["JSON", { content: '{"title": "Night trains"}' }, "Night trains"],
    ["79 letters and an emoji", { content: `${"a".repeat(79)}🚂` }, "a".repeat(79)],
    ["content as parts", { content: [{ type: "text", text: "Night trains" }] }, "Night trains"],
  ])("C4: an answer of the title model with %s gives the title", async (_name, message, title) => {
    upstream.answer(streamOf(chunk({ content: "Sure." }), chunk({}, "stop"), done));
    const input = startInput("Which night trains are there?", "plain");
    await generate(here, user, input);
    upstream.answer(wholeOf(message));
    await generateTitle(input.conversationId);
    const conversation = await readConversation(env.db, user.workspaceId, user.userId, input.conversationId);
    expect(conversation.title).toBe(title);
  });
});

test("D3: an error within a 200 before any text is retried at the fallback, and costs nothing if that fails", async () => {
  upstream.answer((response, body) =>
    streamOf(
      ...(body.model === "plain"
        ? [chunk({ content: "From the fallback." }), chunk({}, "stop"), done]
        : ['data: {"error":{"code":400,"message":"no"}}\n\n'.replace("400", "502")]),
    )(response, body),
  );
  const result = await generate(
    env.addInstance({ silenceMs: 900 }),
    user,
    startInput("hello", "sandbox-like"),
  );
  expect(result).toMatchObject({
    text: "From the fallback.",
    end: { outcome: "done", receipt: { model: "plain" } },
  });
});
