import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How fast a model writes. Zero tokens a second means: as fast as the reader reads. */
export type Pace = { tokensPerSecond: number; firstTokenMs: number };

/** A believable model: its first word after a third of a second, then some 75 tokens a second. */
export const believablePace: Pace = { tokensPerSecond: 75, firstTokenMs: 300 };

/** The process's pace, or the one that a request's own headers ask for. */
export function paceOf(headers: IncomingHttpHeaders, usual: Pace): Pace {
  return {
    tokensPerSecond: numberIn(headers["x-sandbox-tokens-per-second"]) ?? usual.tokensPerSecond,
    firstTokenMs: numberIn(headers["x-sandbox-first-token-ms"]) ?? usual.firstTokenMs,
  };
}

function numberIn(header: string | string[] | undefined): number | undefined {
  const value = Number(header);
  return header === undefined || !(value >= 0) ? undefined : value;
}

/** Timers finer than this cost more than they show. */
const tickMs = 8;

/**
 * Waits until a token is due. Waits are measured from the start, so that slow timers do not slow the answer down.
 */
export function createMetronome({ tokensPerSecond, firstTokenMs }: Pace, signal: AbortSignal) {
  const startedAt = performance.now();
  return async (tokensBefore: number): Promise<void> => {
    const spacingMs = tokensPerSecond === 0 ? 0 : 1000 / tokensPerSecond;
    const waitMs = startedAt + firstTokenMs + tokensBefore * spacingMs - performance.now();
    if (waitMs > (tokensBefore === 0 ? 0 : tickMs)) await sleep(waitMs, undefined, { signal });
  };
}
