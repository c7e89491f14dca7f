import { setTimeout as pause } from "node:timers/promises";

type Options = {
  /** So many at once. */
  most?: number;
  /** How long the first one waits for company. */
  lingerMs?: number;
};

/**
 * Lets whoever comes while one transaction is under way share the next one: each waits for a commit of its own, and a crowd
 * pays for few. What `commit` is given keeps the order of arrival.
 * @param commit does all of it in one transaction, and answers one result for each, in the same order
 */
export function groupCommit<T, R>(
  commit: (items: T[]) => Promise<R[]>,
  { most = 200, lingerMs = 0 }: Options = {},
): (item: T) => Promise<R> {
  type Waiting = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };
  const waiting: Waiting[] = [];
  let isRunning = false;

  /** One that cannot be committed must not take the others with it, so after a failure each goes alone. */
  const settle = async (group: Waiting[]): Promise<void> => {
    try {
      const results = await commit(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (index in results)
          resolve(result as R); // It is there: its index is.
        else reject(new Error("The group's commit answered too few results."));
      });
    } catch (error) {
      if (group.length > 1) await Promise.all(group.map((one) => settle([one])));
      else group[0]?.reject(error);
    }
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      if (lingerMs > 0 && waiting.length < most) await pause(lingerMs);
      await settle(waiting.splice(0, most));
    }
    isRunning = false;
  };

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!isRunning) void run();
    });
}
