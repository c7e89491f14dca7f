import { createBudget } from "#lib/chat/budget.ts";
import { type Ending, finishGeneration } from "#lib/chat/finish.ts";
import { Ended, forget, leaveJournal } from "#lib/chat/journal.ts";
import { splitKeepable } from "#lib/chat/live-answer.ts";
import type { ChatRuntime, RunningAnswer } from "#lib/chat/runtime.ts";
import type { Outcome } from "#lib/chat/stream-events.ts";
import { findTitle, requestTitle } from "#lib/chat/titles.ts";
import { AppError, toPublicError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, log, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { TokenUsage } from "#lib/gateways/chat-chunks.ts";
import { type ChatStream, openChatStream } from "#lib/gateways/openai.ts";
import { findModel, type Model, targetsOf } from "#lib/usage/price-list.ts";

/** What the model is asked, and how much of an answer is paid for. */
export type Question = {
  model: Model;
  prompt: { role: "user" | "assistant"; content: string }[];
  promptTokens: number;
  maxCompletionTokens: number;
  /** True when credit, not the model, is what limits the answer. */
  clamped: boolean;
  needsTitle: boolean;
  requestId: string;
};

/** What was received, as it grows. */
type Received = {
  stream: ChatStream | undefined;
  usage: TokenUsage | null;
  finishReason: string | null;
  firstTokenAtMs: number | null;
  overBudget: boolean;
};

/**
 * Receives an answer to its end and finalises it, whatever happens. It belongs to no response: who reads it, or whether
 * anybody does, makes no difference. Never rejects.
 */
export function produceAnswer(
  runtime: ChatRuntime,
  running: RunningAnswer,
  question: Question,
): Promise<void> {
  const { generationId, conversationId, workspaceId } = running.answer;
  const { requestId, model } = question;
  metrics.generationsRunning.inc();
  return withEvent(
    "chat.generation",
    { requestId, generationId, conversationId, workspaceId, model: model.id },
    () => produce(runtime, running, question),
  )
    .catch((error) =>
      log.error({ err: error, generationId }, "An answer could not be finalised; the reaper will"),
    )
    .finally(() => metrics.generationsRunning.dec());
}

async function produce(runtime: ChatRuntime, running: RunningAnswer, question: Question): Promise<void> {
  const budget = createBudget(question.model.id, question.maxCompletionTokens);
  const received: Received = {
    stream: undefined,
    usage: null,
    finishReason: null,
    firstTokenAtMs: null,
    overBudget: false,
  };
  const stopListening = listen(runtime, running);
  let thrown: unknown;
  try {
    await receive(runtime, running, question, received, budget.add);
  } catch (error) {
    thrown = error;
  } finally {
    stopListening();
    received.stream?.close();
  }
  const answering =
    received.stream === undefined ? question.model : modelThatAnswered(question.model, received.stream);
  const ending = endingOf(running, question, received, thrown);
  addToEvent({
    generationOutcome: ending.outcome,
    firstTokenMs: ending.firstTokenMs,
    answeredBy: answering.id,
  });
  if (ending.error !== null) failEvent(ending.error);
  await leaveJournal(runtime, running);
  await finish(runtime, running, {
    ...ending,
    model: answering.id,
    upstream: answering.upstream,
    usage: received.usage,
    countedTokens: budget.receivedTokens(),
    promptTokens: question.promptTokens,
    loggedLength: running.loggedLength,
    text: running.answer.textFrom(0),
    requestId: question.requestId,
    prompt: question.prompt,
  });
}

/** Tells the readers of the end once it is written; where it cannot be, they are not left waiting. */
async function finish(runtime: ChatRuntime, running: RunningAnswer, ending: Ending): Promise<void> {
  const { answer } = running;
  try {
    answer.finish(await finishGeneration(runtime, answer, ending));
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
    await forget(runtime, running);
  }
}

/** Hears of a stop asked elsewhere, and of the title that a job has found. */
function listen(runtime: ChatRuntime, { answer, controller }: RunningAnswer): () => void {
  const stops = [
    runtime.wake.on("stop", answer.generationId, () => controller.abort(new Ended("stopped"))),
    runtime.wake.on("title", answer.conversationId, () => {
      findTitle(runtime, answer.conversationId).then(
        (title) => title !== undefined && answer.setTitle(title),
        (error) => log.warn({ err: error }, "A new title could not be read"),
      );
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

async function receive(
  runtime: ChatRuntime,
  running: RunningAnswer,
  question: Question,
  received: Received,
  spend: (text: string) => boolean,
): Promise<void> {
  const { answer, controller } = running;
  controller.signal.throwIfAborted();
  const stream = await openChatStream({
    targets: targetsOf(question.model),
    body: { messages: question.prompt, max_completion_tokens: question.maxCompletionTokens },
    signal: controller.signal,
    timeouts: runtime.timeouts,
  });
  received.stream = stream;
  let carry = "";
  for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
    received.usage = delta.usage ?? received.usage;
    received.finishReason = delta.finishReason ?? received.finishReason;
    const piece = splitKeepable(carry + delta.text);
    carry = piece.carry;
    if (piece.text !== "") {
      if (received.firstTokenAtMs === null) sawFirstToken(runtime, running, question, received);
      answer.push(piece.text);
    }
    if (spend(delta.text + delta.otherText)) {
      received.overBudget = true;
      return;
    }
  }
}

function sawFirstToken(
  runtime: ChatRuntime,
  running: RunningAnswer,
  question: Question,
  received: Received,
): void {
  received.firstTokenAtMs = performance.now();
  const seconds = (received.firstTokenAtMs - running.startedAtMs) / 1_000;
  metrics.firstTokenSeconds.observe({ model: question.model.id }, seconds);
  // The model works and the answer has begun: a good moment for a title, which is then there before the answer ends.
  if (question.needsTitle) requestTitle(runtime.db(), running.answer.conversationId);
}

/** The model asked for, or the one that stood in for it. */
function modelThatAnswered(asked: Model, stream: ChatStream): Model {
  if (stream.target.model === asked.upstreamModel) return asked;
  return (asked.fallback === null ? undefined : findModel(asked.fallback)) ?? asked;
}

/** How it ended, from what was received and what was thrown. Pure but for the clock. */
function endingOf(
  running: RunningAnswer,
  question: Question,
  received: Received,
  thrown: unknown,
): Pick<Ending, "outcome" | "error" | "firstTokenMs" | "durationMs"> {
  const firstTokenMs =
    received.firstTokenAtMs === null ? null : Math.round(received.firstTokenAtMs - running.startedAtMs);
  const times = { firstTokenMs, durationMs: Math.round(performance.now() - running.startedAtMs) };
  if (thrown instanceof Ended) {
    return { ...times, outcome: thrown.why === "stopped" ? "stopped" : "interrupted", error: null };
  }
  if (thrown !== undefined) return { ...times, outcome: "failed", error: toPublicError(thrown) };
  if (running.answer.length() === 0)
    return { ...times, outcome: "failed", error: emptyAnswer(received.finishReason) };
  const cut = received.overBudget || received.finishReason === "length";
  const outcome: Outcome = cut && question.clamped ? "out_of_credit" : "done";
  return { ...times, outcome, error: null };
}

function emptyAnswer(finishReason: string | null): AppError {
  const message =
    finishReason === "content_filter"
      ? "The model declined to answer this. Nothing was charged."
      : "The model gave an empty answer. Nothing was charged.";
  return new AppError("model_failed", { message, details: { finishReason } });
}
