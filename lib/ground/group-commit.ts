import { setTimeout as pause } from "node:timers/promises";

type Options = {
  /** So many at once. */
  most?: number;
  /** How long the first one waits for company. */
  lingerMs?: number;
  /** So many groups side by side: while one is committed, the next gathers. */
  abreast?: number;
};

/**
 * Lets whoever comes while transactions are under way share the next one: each waits for a commit of its own, and a crowd
 * pays for few. What `commit` is given keeps the order of arrival; with several abreast, one that came later may be committed
 * earlier.
 * @param commit does all of it in one transaction, and answers one result for each, in the same order
 */
export function groupCommit<T, R>(
  commit: (items: T[]) => Promise<R[]>,
  { most = 200, lingerMs = 0, abreast = 1 }: Options = {},
): (item: T) => Promise<R> {
  type Waiting = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };
  const waiting: Waiting[] = [];
  let underWay = 0;
  let isGathering = false;

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

  const gather = async (): Promise<void> => {
    if (isGathering || underWay >= abreast || waiting.length === 0) return;
    isGathering = true;
    if (lingerMs > 0 && waiting.length < most) await pause(lingerMs);
    isGathering = false;
    underWay += 1;
    const settled = settle(waiting.splice(0, most));
    void gather();
    await settled;
    underWay -= 1;
    void gather();
  };

  return (item) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      void gather();
    });
}
