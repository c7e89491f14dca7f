import type { ChatRuntime } from "#lib/chat/runtime.ts";

/** What each process's share of the chat has one of. */
export function perRuntime<T>(make: (runtime: ChatRuntime) => T): (runtime: ChatRuntime) => T {
  const made = new WeakMap<ChatRuntime, T>();
  return (runtime) => {
    const found = made.get(runtime);
    if (found !== undefined) return found;
    const one = make(runtime);
    made.set(runtime, one);
    return one;
  };
}

/**
 * How answers share a statement: those that start while others do, and those that end within two thousandths of a
 * second, for which nobody waits. Two groups side by side, none longer than a statement should be.
 */
export const company = {
  starting: { most: 32, abreast: 2, isEager: true },
  ending: { most: 32, abreast: 2, lingerMs: 2 },
};
