import { AppError } from "#lib/core/errors.ts";

/** Timeouts of a model request, in milliseconds. */
export type Timeouts = {
  /** Until the answer begins: the time without any sign of life, such as bytes, comments or reasoning. */
  silenceMs: number;
  /** Between two tokens, once text flows. */
  betweenTokensMs: number;
  /** After the finish reason: the time for usage and the end marker, after which the answer is complete. */
  afterFinishMs: number;
  totalMs: number;
};
export const defaultTimeouts: Timeouts = {
  silenceMs: 30_000,
  betweenTokensMs: 60_000,
  afterFinishMs: 5_000,
  totalMs: 600_000,
};

/** The longest call to a model, in milliseconds: a model that may think longer gets that time in addition. */
export function maxCallMs(timeouts: Timeouts, maxThinkingMs: number | null): number {
  return timeouts.totalMs + (maxThinkingMs ?? 0);
}

/** What a read returned, as far as it is a sign of life. */
export type Progress = "bytes" | "reasoning" | "text";

export type CallTimers = {
  signal: AbortSignal;
  /**
   * Starts an attempt. A model may be silent for its own maximum thinking time, which also limits the time to
   * its first text.
   */
  startAttempt(maxThinkingMs: number | null): void;
  /** Call before and after each read: time in which the caller does not read is not counted. */
  startReading(): void;
  stopReading(progress: Progress): void;
  stop(): void;
};

/**
 * Aborts a call with the error `model_timeout` if the upstream is silent for too long.
 * @param maxThinkingMs the longest thinking time of all targets, which extends the total time
 */
export function startTimers(
  outer: AbortSignal,
  timeouts: Timeouts,
  maxThinkingMs: number | null,
): CallTimers {
  const controller = new AbortController();
  const onOuter = () => controller.abort(outer.reason);
  if (outer.aborted) onOuter();
  else outer.addEventListener("abort", onOuter, { once: true });
  const expire = () => controller.abort(new AppError("model_timeout"));
  const total = setTimeout(expire, maxCallMs(timeouts, maxThinkingMs));
  let hasText = false;
  let limitMs = timeouts.silenceMs;
  /** The end of the thinking time of the attempt. */
  let thinkingEndsAt = Number.POSITIVE_INFINITY;
  let expiresAt = performance.now() + limitMs;
  let pausedAt: number | null = null;
  let timer = setTimeout(check, limitMs);

  // Reads only move the time at which it expires; the timer is seldom set anew.
  function check(): void {
    const at = performance.now();
    const deadline = hasText ? expiresAt : Math.min(expiresAt, thinkingEndsAt);
    if (pausedAt !== null) timer = setTimeout(check, limitMs);
    else if (at < deadline) timer = setTimeout(check, deadline - at);
    else expire();
  }

  function extend(at: number): void {
    expiresAt = at + limitMs;
  }

  return {
    signal: controller.signal,
    startAttempt(thinkingMs) {
      const at = performance.now();
      limitMs = Math.max(timeouts.silenceMs, thinkingMs ?? 0);
      thinkingEndsAt = thinkingMs === null ? Number.POSITIVE_INFINITY : at + limitMs;
      extend(at);
    },
    startReading() {
      if (pausedAt === null) return;
      const pausedMs = performance.now() - pausedAt;
      expiresAt += pausedMs;
      thinkingEndsAt += pausedMs;
      pausedAt = null;
    },
    stopReading(progress) {
      const at = performance.now();
      pausedAt = at;
      if (progress === "text" && !hasText) {
        hasText = true;
        limitMs = timeouts.betweenTokensMs;
        // The new limit may be shorter than what the timer waits for.
        clearTimeout(timer);
        timer = setTimeout(check, limitMs);
      }
      if (progress !== "bytes" || !hasText) extend(at);
    },
    stop() {
      outer.removeEventListener("abort", onOuter);
      clearTimeout(total);
      clearTimeout(timer);
    },
  };
}
