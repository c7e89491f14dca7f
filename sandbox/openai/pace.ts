import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** The speed of a model. Zero tokens per second means as fast as the client reads. */
export type Pace = { tokensPerSecond: number; firstTokenMs: number };

/** A realistic speed: first token after 300 ms, then 75 tokens per second. */
export const realisticPace: Pace = { tokensPerSecond: 75, firstTokenMs: 300 };

/** The speed requested by headers, or the process's default. */
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

/** Minimum timer interval in milliseconds. */
const tickMs = 8;

/** Waits until a token is due, measured from the start so that timer delays do not accumulate. */
export function createTokenTimer({ tokensPerSecond, firstTokenMs }: Pace, signal: AbortSignal) {
  const startedAt = performance.now();
  return async (tokensBefore: number): Promise<void> => {
    const spacingMs = tokensPerSecond === 0 ? 0 : 1000 / tokensPerSecond;
    const waitMs = startedAt + firstTokenMs + tokensBefore * spacingMs - performance.now();
    if (waitMs > (tokensBefore === 0 ? 0 : tickMs)) await sleep(waitMs, undefined, { signal });
  };
}
