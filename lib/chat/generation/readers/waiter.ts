/** Subscribes a callback to the next change. Returns a function that unsubscribes. */
type Subscribe = (notify: () => void) => () => void;

/**
 * Creates a waiter for one reading: `wait` resolves at a change, after a time without one, or when the reader
 * leaves. One timer serves the whole reading.
 * @param signal aborted when the reader leaves
 * @param timeoutMs the time without a change after which `wait` resolves with "timeout"
 */
export function createWaiter(signal: AbortSignal, timeoutMs: number) {
  let notify: ((result: "change" | "timeout") => void) | undefined;
  const timer = setInterval(() => notify?.("timeout"), timeoutMs);
  const onAbort = () => notify?.("change");
  signal.addEventListener("abort", onAbort);
  return {
    wait(subscribe: Subscribe): Promise<"change" | "timeout"> {
      if (signal.aborted) return Promise.resolve("change");
      return new Promise((resolve) => {
        const unsubscribe = subscribe(() => notify?.("change"));
        notify = (result) => {
          notify = undefined;
          unsubscribe();
          timer.refresh();
          resolve(result);
        };
      });
    },
    stop() {
      clearInterval(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
