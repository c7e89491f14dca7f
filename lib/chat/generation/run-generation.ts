import { createBudget } from "#lib/chat/generation/budget.ts";
import { finalizeGeneration, type GenerationEnd } from "#lib/chat/generation/finalize.ts";
import type { ChatRuntime, GenerationRun } from "#lib/chat/generation/runtime.ts";
import { splitStorableText } from "#lib/chat/generation/storable-text.ts";
import type { Outcome } from "#lib/chat/generation/stream-events.ts";
import { findTitle, requestTitle } from "#lib/chat/generation/titles.ts";
import { detachGeneration, GenerationAborted, unregisterGeneration } from "#lib/chat/generation/writer.ts";
import { AppError, toPublicError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, log, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { TokenUsage } from "#lib/gateways/openai/chunk-reader.ts";
import { type ChatStream, openChatStream } from "#lib/gateways/openai/completions.ts";
import type { HoldRates } from "#lib/usage/charge.ts";
import { findModel, type Model, targetsOf } from "#lib/usage/price-list.ts";

/** The call to the model, and how much of an answer the hold pays for. */
export type ModelCall = {
  model: Model;
  rates: HoldRates;
  prompt: { role: "user" | "assistant"; content: string }[];
  promptTokens: number;
  maxCompletionTokens: number;
  /** True when the credit, not the model, limits the answer. */
  clamped: boolean;
  needsTitle: boolean;
  requestId: string;
};

/** What was received so far. */
type Received = {
  stream: ChatStream | undefined;
  usage: TokenUsage | null;
  finishReason: string | null;
  firstTokenAtMs: number | null;
  overBudget: boolean;
};

/**
 * Receives an answer to its end and finalizes it, also after an error. It does not depend on any response or
 * reader. Never rejects.
 */
export function runGeneration(runtime: ChatRuntime, run: GenerationRun, call: ModelCall): Promise<void> {
  const { generationId, conversationId, workspaceId } = run.answer;
  const { requestId, model } = call;
  metrics.generationsRunning.inc();
  return withEvent(
    "chat.generation",
    { requestId, generationId, conversationId, workspaceId, model: model.id },
    () => receiveAndFinalize(runtime, run, call),
  )
    .catch((error) =>
      log.error({ err: error, generationId }, "A generation was not finalized; the reaper will do it"),
    )
    .finally(() => metrics.generationsRunning.dec());
}

async function receiveAndFinalize(runtime: ChatRuntime, run: GenerationRun, call: ModelCall): Promise<void> {
  const budget = createBudget(call.model.id, call.maxCompletionTokens);
  const received: Received = {
    stream: undefined,
    usage: null,
    finishReason: null,
    firstTokenAtMs: null,
    overBudget: false,
  };
  const unsubscribe = subscribe(runtime, run);
  let thrown: unknown;
  try {
    await receive(runtime, run, call, received, budget.add);
  } catch (error) {
    thrown = error;
  } finally {
    unsubscribe();
    received.stream?.close();
  }
  const answering = received.stream === undefined ? call.model : answeringModel(call.model, received.stream);
  const result = toResult(run, call, received, thrown);
  addToEvent({
    generationOutcome: result.outcome,
    firstTokenMs: result.firstTokenMs,
    answeredBy: answering.id,
  });
  if (result.error !== null) failEvent(result.error);
  await detachGeneration(runtime, run);
  await finalize(runtime, run, {
    ...result,
    model: answering.id,
    upstream: answering.upstream,
    rates: call.rates,
    usage: received.usage,
    countedTokens: received.usage === null ? await budget.receivedTokens() : 0,
    promptTokens: call.promptTokens,
    loggedLength: run.loggedLength,
    text: run.answer.textFrom(0),
    requestId: call.requestId,
    prompt: call.prompt,
  });
}

/**
 * Sends the end event to the readers once it is written; if it cannot be written, they get an end all the
 * same.
 */
async function finalize(runtime: ChatRuntime, run: GenerationRun, end: GenerationEnd): Promise<void> {
  const { answer } = run;
  try {
    answer.finish(await finalizeGeneration(runtime, answer, end));
  } catch (error) {
    const { code, message } = toPublicError(error);
    answer.finish({
      type: "end",
      outcome: "interrupted",
      receipt: null,
      error: { code, message },
      availableMicros: null,
    });
    throw error;
  } finally {
    await unregisterGeneration(runtime, run);
  }
}

/** Subscribes to stops from other processes, and to the title that the job has generated. */
function subscribe(runtime: ChatRuntime, { answer, controller }: GenerationRun): () => void {
  const subscriptions = [
    runtime.wake.on("stop", answer.generationId, () => controller.abort(new GenerationAborted("stopped"))),
    runtime.wake.on("title", answer.conversationId, () => {
      findTitle(runtime, answer.conversationId).then(
        (title) => title !== undefined && answer.setTitle(title),
        (error) => log.warn({ err: error }, "A new title could not be read"),
      );
    }),
  ];
  return () => {
    for (const unsubscribe of subscriptions) unsubscribe();
  };
}

async function receive(
  runtime: ChatRuntime,
  run: GenerationRun,
  call: ModelCall,
  received: Received,
  spend: (text: string) => boolean | Promise<boolean>,
): Promise<void> {
  const { answer, controller } = run;
  controller.signal.throwIfAborted();
  const stream = await openChatStream({
    targets: targetsOf(call.model),
    body: { messages: call.prompt, max_completion_tokens: call.maxCompletionTokens },
    signal: controller.signal,
    timeouts: runtime.timeouts,
  });
  received.stream = stream;
  let carry = "";
  for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
    received.usage = delta.usage ?? received.usage;
    received.finishReason = delta.finishReason ?? received.finishReason;
    const piece = splitStorableText(carry + delta.text);
    carry = piece.carry;
    if (piece.text !== "") {
      if (received.firstTokenAtMs === null) onFirstToken(runtime, run, call, received);
      answer.push(piece.text);
    }
    const spent = spend(delta.text + delta.otherText);
    if (typeof spent === "boolean" ? spent : await spent) {
      received.overBudget = true;
      return;
    }
  }
}

function onFirstToken(runtime: ChatRuntime, run: GenerationRun, call: ModelCall, received: Received): void {
  received.firstTokenAtMs = performance.now();
  const seconds = (received.firstTokenAtMs - run.startedAtMs) / 1_000;
  metrics.firstTokenSeconds.observe({ model: call.model.id }, seconds);
  // Requested now, so that the title is there before the answer ends, and only if the model answers.
  if (call.needsTitle) requestTitle(runtime.db(), run.answer.conversationId);
}

/** Returns the requested model, or its fallback when that one answered. */
function answeringModel(requested: Model, stream: ChatStream): Model {
  if (stream.target.model === requested.upstreamModel) return requested;
  return (requested.fallback === null ? undefined : findModel(requested.fallback)) ?? requested;
}

/** Derives the result from what was received and what was thrown. Pure except for the clock. */
function toResult(
  run: GenerationRun,
  call: ModelCall,
  received: Received,
  thrown: unknown,
): Pick<GenerationEnd, "outcome" | "error" | "firstTokenMs" | "durationMs"> {
  const firstTokenMs =
    received.firstTokenAtMs === null ? null : Math.round(received.firstTokenAtMs - run.startedAtMs);
  const times = { firstTokenMs, durationMs: Math.round(performance.now() - run.startedAtMs) };
  if (thrown instanceof GenerationAborted) {
    return { ...times, outcome: thrown.reason === "stopped" ? "stopped" : "interrupted", error: null };
  }
  if (thrown !== undefined) return { ...times, outcome: "failed", error: toPublicError(thrown) };
  if (run.answer.length() === 0)
    return { ...times, outcome: "failed", error: emptyAnswerError(received.finishReason) };
  const cut = received.overBudget || received.finishReason === "length";
  const outcome: Outcome = cut && call.clamped ? "out_of_credit" : "done";
  return { ...times, outcome, error: null };
}

function emptyAnswerError(finishReason: string | null): AppError {
  const message =
    finishReason === "content_filter"
      ? "The model declined to answer this. Nothing was charged."
      : "The model gave an empty answer. Nothing was charged.";
  return new AppError("model_failed", { message, details: { finishReason } });
}
