import type { PlanId } from "#lib/billing/catalog/plans.ts";
import { type PromptMessage, targetsFor, toModelMessage } from "#lib/chat/files/model-messages.ts";
import { countImagesOf, loadPromptFiles, withDocuments } from "#lib/chat/files/prompt-files.ts";
import { reasoningOf } from "#lib/chat/generation/answer-content.ts";
import { finalizeGeneration, type GenerationEnd, interruptedEnd } from "#lib/chat/generation/finalize.ts";
import { type AnswerParameters, toRequestFields } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { createReceivedAnswer, type ReceivedAnswer } from "#lib/chat/generation/received-answer.ts";
import type { ChatRuntime, GenerationRun } from "#lib/chat/generation/runtime.ts";
import { createStorableTextStream } from "#lib/chat/generation/storable-text.ts";
import { findTitle, requestTitle } from "#lib/chat/generation/titles.ts";
import { detachGeneration, GenerationAborted, unregisterGeneration } from "#lib/chat/generation/writer.ts";
import {
  abortedByRefusal,
  isModerationError,
  requireAllowed,
  startModeration,
  textsToCheck,
} from "#lib/chat/moderation/moderate-input.ts";
import { AppError, errorReason, toPublicError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, hideInErrors, log, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { ChatStream } from "#lib/gateways/openai/chat-stream.ts";
import { openChatStream } from "#lib/gateways/openai/completions.ts";
import type { FinishReason } from "#lib/gateways/openai/finish-reason.ts";
import type { AnswerHold } from "#lib/usage/answer-hold.ts";
import type { HoldRates } from "#lib/usage/charge.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";

/** The call to the model, and how much of an answer the hold pays for. */
export type ModelCall = {
  model: Model;
  rates: HoldRates;
  prompt: PromptMessage[];
  promptTokens: number;
  hold: AnswerHold;
  needsTitle: boolean;
  parameters: AnswerParameters;
  /** The plan of the workspace, which decides about moderation. */
  plan: PlanId;
  requestId: string;
};

/** What was received so far. */
type Received = {
  stream: ChatStream | undefined;
  output: ReceivedAnswer;
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
    () => {
      hideInErrors(call.prompt);
      return receiveAndFinalize(runtime, run, call);
    },
  )
    .catch((error) =>
      log.error({ err: error, generationId }, "A generation was not finalized; the reaper will do it"),
    )
    .finally(() => metrics.generationsRunning.dec());
}

async function receiveAndFinalize(runtime: ChatRuntime, run: GenerationRun, call: ModelCall): Promise<void> {
  const { model, promptTokens, hold } = call;
  const output = createReceivedAnswer({
    modelId: model.id,
    promptTokens,
    images: countImagesOf(call.prompt),
    hold,
  });
  const received: Received = { stream: undefined, output, firstTokenAtMs: null, overBudget: false };
  const unsubscribe = subscribe(runtime, run);
  let thrown: unknown;
  try {
    await receive(runtime, run, call, received);
  } catch (error) {
    thrown = error;
  } finally {
    unsubscribe();
    received.stream?.close();
  }
  const answering = findModel(received.stream?.target.modelId ?? model.id) ?? model;
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
    ...(await toUsage(call, received, result, {
      upstream: answering.upstream,
      isComplete: thrown === undefined,
    })),
    content: run.answer.contentFrom(0),
    unlogged: run.answer.contentFrom(run.loggedLength),
    sendsReasoningBack: answering.accepts.returnReasoningAs !== null,
    requestId: call.requestId,
    prompt: call.prompt,
  });
}

/** Measures what the answer costs: the customer, or us if its input was refused. */
async function toUsage(
  { promptTokens }: ModelCall,
  { output, overBudget }: Received,
  { outcome, error }: Pick<GenerationEnd, "outcome" | "error">,
  { upstream, isComplete }: { upstream: string; isComplete: boolean },
): Promise<Pick<GenerationEnd, "usage" | "ownUsage">> {
  const isRefused = error !== null && isModerationError(error);
  const hasFailed = !isRefused && (outcome === "failed" || outcome === "interrupted");
  const usage = await output.measure({ hasEnded: isComplete && !overBudget, hasFailed, upstream });
  if (!isRefused) return { usage };
  return { usage: null, ownUsage: usage ?? { promptTokens, cachedTokens: 0, completionTokens: 0 } };
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
    answer.finish(interruptedEnd({ code, message }));
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
): Promise<void> {
  const { answer, controller } = run;
  controller.signal.throwIfAborted();
  const files = await loadPromptFiles(call.prompt);
  const moderation = startModeration({
    plan: call.plan,
    workspaceId: answer.workspaceId,
    userId: answer.userId,
    source: "chat",
    target: answer.generationId,
    texts: () =>
      textsToCheck(
        call.prompt.map((message) => ({ ...message, content: withDocuments(message, files) })),
        answer.messageId !== null,
      ),
  });
  const stream = await openChatStream({
    targets: targetsFor(call.model, call.prompt),
    body: {},
    fieldsFor: (target) => toRequestFields(call.parameters, target.accepts),
    messagesFor: (target) => call.prompt.map((message) => toModelMessage(message, files, target)),
    maxOutputTokens: call.hold.askedTokens,
    signal: abortedByRefusal(controller.signal, moderation),
    timeouts: runtime.timeouts,
    separateThinking: true,
  });
  received.stream = stream;
  const text = createStorableTextStream();
  const reasoning = createStorableTextStream();
  /** Nothing is shown before the input is known to be allowed. */
  let isAllowed = false;
  for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
    const added = received.output.add(delta);
    const isOver = typeof added === "boolean" ? added : await added;
    const within = isOver ? await received.output.cut(delta) : delta;
    if (!isAllowed) await requireAllowed(moderation);
    isAllowed = true;
    if (received.firstTokenAtMs === null && within.text + within.reasoning !== "")
      onFirstToken(run, call, received);
    answer.think(reasoning.next(within.reasoning));
    const storable = text.next(within.text);
    // Requested now, so that the title is there before the answer ends, and only if the model answers.
    if (call.needsTitle && storable !== "" && !answer.hasText())
      requestTitle(runtime.db(), answer.conversationId);
    answer.push(storable);
    received.overBudget = isOver;
    if (isOver) return;
  }
  // A model that ends normally without text has put its answer into the thinking.
  if (!answer.hasText() && (received.output.finishReason() ?? "stop") === "stop")
    answer.push(reasoningOf(answer.contentFrom(0)).trim());
}

function onFirstToken(run: GenerationRun, call: ModelCall, received: Received): void {
  received.firstTokenAtMs = performance.now();
  const seconds = (received.firstTokenAtMs - run.startedAtMs) / 1_000;
  metrics.firstTokenSeconds.observe({ model: call.model.id }, seconds);
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
  const finishReason = received.output.finishReason();
  const isCut = received.overBudget || finishReason === "length";
  // Also without text: the model has used its whole limit for thinking.
  if (isCut) return { ...times, outcome: call.hold.isLimiting() ? "out_of_credit" : "length", error: null };
  if (!run.answer.hasText()) return { ...times, outcome: "failed", error: emptyAnswerError(finishReason) };
  return { ...times, outcome: finishReason === "content_filter" ? "content_filter" : "done", error: null };
}

function emptyAnswerError(finishReason: FinishReason | null): AppError {
  const reason = errorReason(finishReason === "content_filter" ? "answerRefused" : "answerEmpty");
  return new AppError("model_failed", { reason, details: { finishReason } });
}
