import { setImmediate as nextTurn } from "node:timers/promises";
import { takeToken } from "#lib/accounts/rate-limit.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { createLiveAnswer } from "#lib/chat/generation/live-answer.ts";
import { type Reading, readGeneration, readLive } from "#lib/chat/generation/readers/read-generation.ts";
import { requestBucket } from "#lib/chat/generation/request-bucket.ts";
import { runGeneration } from "#lib/chat/generation/run-generation.ts";
import { type ChatRuntime, chatRuntime, type GenerationRun } from "#lib/chat/generation/runtime.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { registerGeneration } from "#lib/chat/generation/writer.ts";
import { abandonGeneration } from "#lib/chat/start/abandon-generation.ts";
import { type CommitResult, commitGeneration, type StartAttempt } from "#lib/chat/start/commit-generation.ts";
import { loadGeneration } from "#lib/chat/start/load-generation.ts";
import { type PreparedGeneration, prepareGeneration } from "#lib/chat/start/prepare-generation.ts";
import { countTokens, type StartRequest, toStartRequest } from "#lib/chat/start/start-request.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, serverRestarting } from "#lib/core/errors.ts";
import { newId } from "#lib/core/ids.ts";
import { addToEvent } from "#lib/core/log.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { canFollowLength, creditReserved, followHold } from "#lib/usage/answer-hold.ts";

export type StartedGeneration = {
  generationId: string;
  /** Reads the answer from a position on; the process that started it reads from memory, without a query. */
  read: (afterLength: number, signal: AbortSignal) => Promise<Reading>;
};

/**
 * Starts a generation in two round trips to the database: one loads the facts, `prepareGeneration` decides,
 * and one takes the hold and writes. Long texts take one more, for a token of the rate limit, before their
 * tokens are counted. The call to the model then runs independently of the response. A second
 * request with the same id starts nothing and reads the first generation.
 * @throws AppError unauthenticated, not_found, conflict, plan_required, context_too_long,
 *   insufficient_credit, too_many_requests, model_not_found; no message is written then. After any other
 *   error nothing stays running.
 * @param leafId the user's message while its answers are compared (startComparison)
 */
export const startGeneration = traced(
  "chat.startGeneration",
  async (
    claims: SessionClaims,
    input: StartGeneration,
    requestId: string,
    runtime: ChatRuntime = chatRuntime(),
    leafId: string | null = null,
  ): Promise<StartedGeneration> => {
    assertOpen(runtime);
    const starting = start(claims, toStartRequest(input, leafId), requestId, runtime);
    runtime.starting.add(starting);
    try {
      return await starting;
    } finally {
      runtime.starting.delete(starting);
    }
  },
);

function assertOpen({ closing }: ChatRuntime): void {
  if (closing) throw serverRestarting();
}

async function start(
  claims: SessionClaims,
  request: StartRequest,
  requestId: string,
  runtime: ChatRuntime,
): Promise<StartedGeneration> {
  const { generationId } = request.input;
  let attempt: StartAttempt = { holdId: newId(), requestId, at: now() };
  const startedAtMs = performance.now();
  const replay: StartedGeneration = {
    generationId,
    read: (afterLength, signal) => readGeneration(claims, generationId, afterLength, signal, runtime),
  };
  const loaded = await loadGeneration(runtime, claims, request, attempt.at);
  let counted = request;
  let preparation = prepareGeneration(request, loaded, attempt.at);
  if (preparation.kind === "replay") return replay;
  if (!request.isCounted) {
    await takeRequestToken(runtime, preparation.generation, attempt.at);
    attempt = { ...attempt, tokenTaken: true };
    counted = await countTokens(request);
    preparation = prepareGeneration(counted, loaded, attempt.at);
    if (preparation.kind === "replay") return replay;
  }
  const { generation } = preparation;
  addToEvent({
    model: generation.model.id,
    promptTokens: generation.promptTokens,
    trimmed: generation.firstMessageId !== null,
  });
  const abandon = (cause: unknown) => abandonGeneration(runtime, generationId, generation, attempt, cause);
  const result = await commitGeneration(runtime, counted, generation, attempt).catch(async (error) => {
    // An AppError means that nothing was written. After any other error the commit may have succeeded.
    if (!(error instanceof AppError)) await abandon(error);
    throw error;
  });
  if (result.outcome === "replay") return replay;
  if (result.outcome !== "started") throw toRefusal(result, generation);
  let run: GenerationRun;
  try {
    run = launch(runtime, counted, generation, { ...attempt, heldMicros: result.heldMicros, startedAtMs });
  } catch (error) {
    runtime.running.delete(generationId);
    await abandon(error);
    throw error;
  }
  // The request to the model is sent before the reader or the log continue.
  await nextTurn();
  return {
    generationId,
    read: async (afterLength, signal) => readLive(runtime, run.answer, afterLength, signal),
  };
}

/** @throws AppError too_many_requests */
async function takeRequestToken(
  runtime: ChatRuntime,
  { workspaceId, requestsPerMinute }: PreparedGeneration,
  at: Date,
): Promise<void> {
  const bucket = { capacity: requestsPerMinute, refillPerMinute: requestsPerMinute };
  const token = await takeToken(runtime.db(), requestBucket(workspaceId), bucket, at);
  if (!token.ok) throw new AppError("too_many_requests", { retryAfterSeconds: token.retryAfterSeconds });
}

type Refused = Exclude<CommitResult, { outcome: "started" | "replay" }>;

function toRefusal(refused: Refused, { model }: PreparedGeneration): AppError {
  if (refused.outcome === "insufficient_credit")
    return new AppError("insufficient_credit", { details: { model: model.id } });
  if (refused.outcome === "credit_reserved") return creditReserved();
  return new AppError("too_many_requests", { retryAfterSeconds: refused.retryAfterSeconds });
}

type LaunchFacts = StartAttempt & { heldMicros: number; startedAtMs: number };

/** Registers the generation with this process and starts to receive the answer. */
function launch(
  runtime: ChatRuntime,
  { input }: StartRequest,
  generation: PreparedGeneration,
  { holdId, heldMicros, requestId, startedAtMs }: LaunchFacts,
): GenerationRun {
  assertOpen(runtime);
  const { model, plan, prompt, promptTokens, maxOutputTokens, needsTitle, parameters } = generation;
  const hold = followHold(runtime.db, {
    ...{ workspaceId: generation.workspaceId, holdId, heldMicros, budgetMicros: null },
    scope: { price: model.price, promptTokens, maxOutputTokens },
    canEnlarge: canFollowLength(model),
  });
  const answer = createLiveAnswer({
    generationId: input.generationId,
    conversationId: input.conversationId,
    messageId: generation.isTemporary ? null : input.answerId,
    workspaceId: generation.workspaceId,
    userId: generation.userId,
  });
  const run: GenerationRun = {
    answer,
    holdId,
    startedAtMs,
    controller: new AbortController(),
    loggedLength: 0,
    savedLength: 0,
    detached: false,
    finished: Promise.resolve(),
  };
  registerGeneration(runtime, run);
  run.finished = runGeneration(runtime, run, {
    model,
    rates: { price: model.price, cost: model.cost },
    prompt,
    promptTokens,
    hold,
    needsTitle,
    parameters,
    plan,
    requestId,
  });
  return run;
}
