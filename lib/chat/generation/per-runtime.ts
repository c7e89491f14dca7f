import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";

/** Returns a function that creates one value per runtime, at its first use. */
export function perRuntime<T>(create: (runtime: ChatRuntime) => T): (runtime: ChatRuntime) => T {
  const values = new WeakMap<ChatRuntime, T>();
  return (runtime) => {
    const existing = values.get(runtime);
    if (existing !== undefined) return existing;
    const value = create(runtime);
    values.set(runtime, value);
    return value;
  };
}

/**
 * How generations share statements: starts only with others that come while one runs, ends within 2 ms of
 * each other.
 */
export const batching = {
  start: { maxBatchSize: 32, maxConcurrentBatches: 2, flushWhenIdle: true },
  finalize: { maxBatchSize: 32, maxConcurrentBatches: 2, lingerMs: 2 },
};
