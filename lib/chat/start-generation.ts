import { setImmediate as turn } from "node:timers/promises";
import type { Claims } from "#lib/accounts/sessions.ts";
import { applyStart, type StartOutcome } from "#lib/chat/apply-start.ts";
import { decideStart, type StartPlan } from "#lib/chat/decide-start.ts";
import { foreseeStart } from "#lib/chat/foresee-start.ts";
import { gatherStart } from "#lib/chat/gather-start.ts";
import { keepJournal } from "#lib/chat/journal.ts";
import { createLiveAnswer } from "#lib/chat/live-answer.ts";
import { produceAnswer } from "#lib/chat/produce.ts";
import { type Reading, readGeneration, readLive } from "#lib/chat/read-generation.ts";
import { type ChatRuntime, chatRuntime, type RunningAnswer } from "#lib/chat/runtime.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { addToEvent } from "#lib/core/log.ts";
import { holdFor } from "#lib/usage/charge.ts";

export type Started = {
  generationId: string;
  /** Follows the answer; the one who started it needs no further query to do so. */
  read: (afterLength: number, signal: AbortSignal) => Promise<Reading>;
};

/**
 * Starts an answer: one round trip to the database, and a second one where something about the request is to be decided (the
 * first answer of a month, a prompt to shorten, little credit); then the call to the model, which belongs to no response. A
 * second request with the same id starts nothing and follows the first.
 * @throws AppError unauthenticated, not_found, conflict, plan_required, context_too_long, insufficient_credit,
 *   too_many_requests, model_unavailable; nothing is written then
 */
export async function startGeneration(
  claims: Claims,
  input: StartGeneration,
  requestId: string,
  runtime: ChatRuntime = chatRuntime(),
): Promise<Started> {
  if (runtime.closing)
    throw new AppError("model_busy", { message: "The server restarts. Try again in a moment." });
  const at = now();
  const startedAtMs = performance.now();
  const foreseen = foreseeStart(input);
  const beginning = { holdId: newId(), requestId, at };
  const { gathered, outcome } = await gatherStart(runtime, claims, foreseen, beginning);
  const decision = decideStart(foreseen, gathered, at);
  const follow = (afterLength: number, signal: AbortSignal) =>
    readGeneration(claims, input.generationId, afterLength, signal, runtime);
  if (decision.kind === "replay") return { generationId: input.generationId, read: follow };
  const { plan } = decision;
  addToEvent({ model: plan.model.id, promptTokens: plan.promptTokens, trimmed: plan.trimmed });
  const applied = outcome ?? (await applyStart(runtime, foreseen, plan, beginning));
  if (applied.outcome === "replay") return { generationId: input.generationId, read: follow };
  if (applied.outcome !== "started") throw refusalOf(applied, plan);
  const { heldMicros } = applied;
  const running = run(runtime, input, plan, { ...beginning, heldMicros, startedAtMs });
  // The question leaves for the model before anything is told to its reader, or to the log.
  await turn();
  return {
    generationId: input.generationId,
    read: async (afterLength, signal) => readLive(runtime, running.answer, afterLength, signal),
  };
}

function refusalOf(
  refused: Exclude<StartOutcome, { outcome: "started" | "replay" }>,
  { model }: StartPlan,
): AppError {
  if (refused.outcome === "insufficient_credit")
    return new AppError("insufficient_credit", { details: { model: model.id } });
  return new AppError("too_many_requests", { retryAfterSeconds: refused.retryAfterSeconds });
}

function run(
  runtime: ChatRuntime,
  input: StartGeneration,
  plan: StartPlan,
  facts: { holdId: string; heldMicros: number; requestId: string; startedAtMs: number },
): RunningAnswer {
  const { model, promptTokens, maxOutputTokens } = plan;
  // The hold may be smaller than planned: others may have taken credit in between.
  const paid = holdFor({
    price: model.price,
    promptTokens,
    maxOutputTokens,
    availableMicros: facts.heldMicros,
  });
  const answer = createLiveAnswer({
    generationId: input.generationId,
    conversationId: input.conversationId,
    messageId: input.answerId,
    workspaceId: plan.workspaceId,
    userId: plan.userId,
  });
  const running: RunningAnswer = {
    answer,
    holdId: facts.holdId,
    startedAtMs: facts.startedAtMs,
    controller: new AbortController(),
    loggedLength: 0,
    savedLength: 0,
    complete: false,
    finished: Promise.resolve(),
  };
  keepJournal(runtime, running);
  running.finished = produceAnswer(runtime, running, {
    model,
    prompt: plan.prompt,
    promptTokens,
    maxCompletionTokens: paid?.maxCompletionTokens ?? 1,
    clamped: (paid?.maxCompletionTokens ?? 1) < maxOutputTokens,
    needsTitle: plan.needsTitle,
    requestId: facts.requestId,
  });
  return running;
}
