import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";

type GroupCommitOptions<T> = {
  maxBatchSize?: number;
  /**
   * How long the first item waits for others. With 0, a batch contains the items that were added in the same
   * turn of the event loop.
   */
  lingerMs?: number;
  /** Commits an item immediately if no batch is being committed. */
  flushWhenIdle?: boolean;
  /** How many batches may be committed at the same time; further items form the next batch meanwhile. */
  maxConcurrentBatches?: number;
  /** A batch contains at most one item per key; later items with the same key wait for the next batch. */
  keyOf?: (item: T) => string;
};

/**
 * A result of `commit` for an item that it skipped because the batch would have waited for it: it is
 * committed in a batch of its own.
 */
export const retryAlone = Symbol("retryAlone");

/**
 * Group commit: items that arrive while transactions run share the next transaction. Every caller waits for
 * the commit of its own item. The items of a batch are in order of arrival; with several concurrent batches,
 * a later item may commit earlier.
 * @param commit commits all items in one transaction and returns one result per item, in the same order. It
 *   may return `retryAlone` only if the batch has more than one item.
 */
export function groupCommit<T, R>(
  commit: (items: T[]) => Promise<(R | typeof retryAlone)[]>,
  {
    maxBatchSize = 200,
    lingerMs = 0,
    flushWhenIdle = false,
    maxConcurrentBatches = 1,
    keyOf,
  }: GroupCommitOptions<T> = {},
): (item: T) => Promise<R> {
  type Entry = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };
  let waiting: Entry[] = [];
  let running = 0;
  let isCollecting = false;

  /** After a failed commit, each item is retried alone, so that one bad item does not fail the others. */
  const commitBatch = async (batch: Entry[]): Promise<void> => {
    try {
      const results = await commit(batch.map(({ item }) => item));
      batch.forEach((entry, index) => {
        const result = results[index];
        // Not awaited: only its own caller waits for this item.
        if (result === retryAlone && batch.length > 1) void commitBatch([entry]);
        else if (result === retryAlone || !(index in results))
          entry.reject(new Error("The group commit returned no result for an item."));
        else entry.resolve(result as R); // The index exists, so the result is an R.
      });
    } catch (error) {
      if (batch.length > 1) await Promise.all(batch.map((entry) => commitBatch([entry])));
      else batch[0]?.reject(error);
    }
  };

  const takeBatch = (): Entry[] => {
    if (keyOf === undefined) return waiting.splice(0, maxBatchSize);
    const batch = new Map<string, Entry>();
    const rest: Entry[] = [];
    for (const entry of waiting) {
      const key = keyOf(entry.item);
      if (batch.size < maxBatchSize && !batch.has(key)) batch.set(key, entry);
      else rest.push(entry);
    }
    waiting = rest;
    return [...batch.values()];
  };

  const flush = async (): Promise<void> => {
    if (isCollecting || running >= maxConcurrentBatches || waiting.length === 0) return;
    isCollecting = true;
    if (waiting.length < maxBatchSize && !(flushWhenIdle && running === 0))
      await (lingerMs > 0 ? pause(lingerMs) : turn());
    isCollecting = false;
    running += 1;
    const committed = commitBatch(takeBatch());
    void flush();
    await committed;
    running -= 1;
    void flush();
  };

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      void flush();
    });
}
