import { raiseAlert } from "#lib/core/alerts.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent } from "#lib/core/log.ts";
import { singleton } from "#lib/core/singleton.ts";
import {
  toAppError,
  toUpstreamFailure,
  type Upstream,
  type UpstreamFailure,
} from "#lib/gateways/openai/client.ts";

/** A model as one upstream knows it. */
export type Target = { upstream: Upstream; model: string };

const retries = 3;
const firstWaitMs = 500;
const longestWaitMs = 8_000;
/** With another model to fall back on, a person waits no longer than this for the first one. */
const longestWaitBeforeFallbackMs = 2_000;
const breakerOpenMs = 60_000;

/**
 * Tries each target in turn: passing failures are retried three times with growing waits, then the next target has its
 * chance. Everything happens before the first byte of an answer.
 * @param attempt one request; what it throws is read as the SDK's error
 * @param deadlineMs the moment (milliseconds since 1970) after which no further attempt is begun
 */
export async function tryTargets<T>(
  targets: readonly Target[],
  attempt: (target: Target) => Promise<T>,
  limits: { signal: AbortSignal; deadlineMs: number },
): Promise<T> {
  let last: AppError | undefined;
  for (const [index, target] of targets.entries()) {
    const waitUpToMs = index < targets.length - 1 ? longestWaitBeforeFallbackMs : Number.POSITIVE_INFINITY;
    try {
      return await tryTarget(target, attempt, { ...limits, waitUpToMs });
    } catch (error) {
      if (!(error instanceof AppError) || !anotherMayAnswer(error)) throw error;
      last = error;
    }
  }
  throw last ?? new AppError("model_unavailable");
}

function anotherMayAnswer(error: AppError): boolean {
  return error.code === "model_busy" || error.code === "model_unavailable" || error.code === "model_failed";
}

async function tryTarget<T>(
  target: Target,
  attempt: (target: Target) => Promise<T>,
  limits: { signal: AbortSignal; deadlineMs: number; waitUpToMs: number },
): Promise<T> {
  if (isOpen(target)) throw new AppError("model_unavailable", { details: { breaker: "open" } });
  for (let tries = 1; ; tries++) {
    try {
      const value = await attempt(target);
      breakers().delete(nameOf(target));
      return value;
    } catch (error) {
      if (limits.signal.aborted) throw limits.signal.reason;
      if (error instanceof AppError) throw error;
      const failure = toUpstreamFailure(error);
      if (failure.operatorProblem !== null) tellOperator(target, failure);
      const waitMs = failure.retryAfterMs ?? backoffMs(tries);
      const inTime = waitMs <= limits.waitUpToMs && Date.now() + waitMs < limits.deadlineMs;
      if (!failure.passing || tries > retries || !inTime) throw toAppError(failure, error);
      addToEvent({ upstreamRetries: tries });
      await wait(waitMs, limits.signal);
    }
  }
}

/** Doubles each time; the jitter keeps many clients from coming back at the same moment. */
export function backoffMs(tries: number, random: () => number = Math.random): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** (tries - 1)) * (0.5 + random() / 2);
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

const breakers = () => singleton("openai.breakers", () => new Map<string, number>());
const nameOf = (target: Target) => `${target.upstream.name}/${target.model}/${target.upstream.apiKey}`;

/** Open: the model is not asked at all. After a minute the next request tries it again. */
function isOpen(target: Target): boolean {
  return (breakers().get(nameOf(target)) ?? 0) > Date.now();
}

/**
 * What only an operator can mend is told at once, and not asked again for a minute. For each model apart, because a key
 * may be good for some models only.
 */
function tellOperator(target: Target, failure: UpstreamFailure): void {
  breakers().set(nameOf(target), Date.now() + breakerOpenMs);
  void raiseAlert({
    key: `openai:${target.upstream.name}:${failure.status}`,
    title: `The upstream "${target.upstream.name}" ${failure.operatorProblem}`,
    detail: `Seen with the model "${target.model}". Nobody can use it until this is mended; it is tried again every minute.`,
  });
}

/** Closes every breaker; for tests. */
export function closeBreakers(): void {
  breakers().clear();
}
