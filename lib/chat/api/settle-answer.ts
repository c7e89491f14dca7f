import { endRequest, type RequestEnd } from "#lib/chat/api/request-credit.ts";
import type { RunningRequest } from "#lib/chat/api/running-request.ts";
import { contentRedactor } from "#lib/chat/generation/content-retention.ts";
import { isModerationError } from "#lib/chat/moderation/moderate-input.ts";
import { now } from "#lib/core/clock.ts";
import { type AppError, toPublicError } from "#lib/core/errors.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import type { BelievedUsage } from "#lib/usage/believed-usage.ts";

/** How an answer ended. */
export type AnswerResult = {
  outcome: RequestEnd["outcome"];
  /** The target that answered; null if none did. */
  target: Target | null;
  /** False if the answer was cut or abandoned. */
  hasEnded: boolean;
  /** The text for the request log; empty unless it is retained. */
  text: string;
  firstTokenMs: number | null;
  error: AppError | null;
};

/**
 * Settles a request by what was received, or releases its hold if that costs nothing.
 * @returns the usage that was charged; null if nothing was
 */
export async function endAnswer(
  running: RunningRequest,
  result: AnswerResult,
): Promise<BelievedUsage | null> {
  const { call, model, output, held, startedAtMs } = running;
  const finishReason = output.finishReason();
  const isCutOff = finishReason === "length" || finishReason === "content_filter";
  const outcome = result.outcome === "done" && isCutOff ? finishReason : result.outcome;
  const upstream = result.target?.upstream.name ?? model.upstream;
  const hasFailed = result.outcome === "failed";
  const isRefused = result.error !== null && isModerationError(result.error);
  const measured = await output.measure({
    hasEnded: result.hasEnded,
    hasFailed: hasFailed && !isRefused,
    upstream,
  });
  const usage = isRefused ? null : measured;
  const nothing = { promptTokens: running.promptTokens, cachedTokens: 0, completionTokens: 0 };
  const redact = contentRedactor();
  const end: RequestEnd = {
    purpose: "api",
    upstream,
    outcome,
    errorCode: result.error?.code ?? null,
    usage,
    ownUsage: isRefused ? (measured ?? nothing) : undefined,
    estimated: usage?.estimated ?? false,
    firstTokenMs: result.firstTokenMs,
    durationMs: Math.round(performance.now() - startedAtMs),
    requestId: call.requestId,
    prompt: redact?.(JSON.stringify(call.request.messages)) ?? null,
    answer: redact?.(result.text) ?? null,
  };
  await endRequest(held, end, now());
  return usage;
}

/** Ends a request that failed before its first byte; it costs nothing. */
export async function failRequest(running: RunningRequest, thrown: unknown): Promise<void> {
  const isStopped = running.call.signal.aborted;
  await endAnswer(running, {
    outcome: isStopped ? "stopped" : "failed",
    target: null,
    hasEnded: false,
    text: "",
    firstTokenMs: null,
    error: isStopped ? null : toPublicError(thrown),
  });
}
