import { raiseAlert } from "#lib/core/alerts.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent, log } from "#lib/core/log.ts";
import { inSpan, type SpanOptions } from "#lib/core/observability/tracing.ts";
import {
  toAppError,
  toUpstreamFailure,
  type Upstream,
  type UpstreamFailure,
} from "#lib/gateways/openai/client.ts";
import { mayCall, reportAnswer, reportRefusal } from "#lib/gateways/openai/health/target-health.ts";
import type { Capabilities } from "#lib/gateways/openai/request-body.ts";
import { MalformedAnswer, UpstreamError } from "#lib/gateways/openai/upstream-errors.ts";

/** A model of the catalog at its upstream. */
export type Target = {
  upstream: Upstream;
  /** The upstream's name for the model. */
  model: string;
  /** The model's id in the catalog. */
  modelId: string;
  accepts: Capabilities;
};

const maxRetries = 3;
const firstBackoffMs = 500;
const maxBackoffMs = 8_000;
/** The maximum wait for a target if another one follows. */
const maxBackoffBeforeFallbackMs = 2_000;

/**
 * Tries the targets in order. Retryable failures are retried three times with exponential backoff before the
 * next target is tried. All of this happens before the first byte of an answer.
 * @param attempt sends one request and throws MalformedAnswer, UpstreamError or UpstreamConnectionError
 * @param limits.deadlineMs Unix time in milliseconds after which no further attempt starts
 * @throws AppError of the last target; the signal's reason if it was aborted
 */
export async function tryTargets<T>(
  targets: readonly Target[],
  attempt: (target: Target) => Promise<T>,
  limits: { signal: AbortSignal; deadlineMs: number },
): Promise<T> {
  let last: AppError | undefined;
  for (const [index, target] of targets.entries()) {
    const maxWaitMs = index < targets.length - 1 ? maxBackoffBeforeFallbackMs : Number.POSITIVE_INFINITY;
    try {
      return await tryTarget(target, attempt, { ...limits, maxWaitMs });
    } catch (error) {
      if (!(error instanceof AppError) || !shouldTryNext(error)) throw error;
      last = error;
    }
  }
  throw last ?? new AppError("model_unavailable");
}

function shouldTryNext(error: AppError): boolean {
  return error.code === "model_busy" || error.code === "model_unavailable" || error.code === "model_failed";
}

async function tryTarget<T>(
  target: Target,
  attempt: (target: Target) => Promise<T>,
  limits: { signal: AbortSignal; deadlineMs: number; maxWaitMs: number },
): Promise<T> {
  if (!mayCall(target)) throw new AppError("model_unavailable", { details: { breaker: "open" } });
  for (let tries = 1; ; tries++) {
    try {
      const value = await inSpan("model request", toSpanOptions(target, tries), () => attempt(target));
      reportAnswer(target);
      return value;
    } catch (error) {
      if (limits.signal.aborted) throw limits.signal.reason;
      if (error instanceof AppError) throw error;
      const failure = toUpstreamFailure(error);
      if (failure.operatorProblem !== null) recordRefusal(target, failure);
      recordFailure(target, error);
      const waitMs = failure.retryAfterMs ?? backoffMs(tries);
      const isInTime = waitMs <= limits.maxWaitMs && Date.now() + waitMs < limits.deadlineMs;
      if (!failure.retryable || tries > maxRetries || !isInTime) throw toAppError(failure, error);
      addToEvent({ upstreamRetries: tries });
      await wait(waitMs, limits.signal);
    }
  }
}

function toSpanOptions({ upstream, model }: Target, tries: number): SpanOptions {
  const attributes = {
    "gen_ai.provider.name": upstream.name,
    "gen_ai.request.model": model,
    "http.request.resend_count": tries - 1,
  };
  return { kind: "client", attributes };
}

/**
 * Logs the shape of an invalid response or the code of an error, never their text.
 * @returns what was logged
 */
export function recordFailure(target: Target, error: unknown): Record<string, unknown> {
  const details = {
    shape: error instanceof MalformedAnswer ? error.shape : undefined,
    upstreamStatus: error instanceof UpstreamError ? error.status : undefined,
    upstreamCode: error instanceof UpstreamError ? error.body.code : undefined,
  };
  log.warn({ upstream: target.upstream.name, model: target.model, ...details }, "A model request failed");
  return details;
}

/** Doubles with every attempt. The jitter spreads the retries of many clients. */
export function backoffMs(tries: number, random: () => number = Math.random): number {
  return Math.min(maxBackoffMs, firstBackoffMs * 2 ** (tries - 1)) * (0.5 + random() / 2);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Sends no further calls to a target for a minute and alerts the operator, after failures that only an
 * operator can fix.
 */
function recordRefusal(target: Target, { status, operatorProblem, outage }: UpstreamFailure): void {
  reportRefusal(target, outage ?? "refused", `${status}: ${operatorProblem}`);
  void raiseAlert({
    key: `openai:${target.upstream.name}:${status}`,
    title: `The upstream "${target.upstream.name}" ${operatorProblem}`,
    detail: `Seen with the model "${target.model}". Nobody can use it until this is fixed; it is tried again every minute.`,
  });
}
