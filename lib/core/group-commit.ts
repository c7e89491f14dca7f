import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";

type Options<T> = {
  /** So many at once. */
  most?: number;
  /** How long the first one waits for company; without it, for those that the process has at hand in this turn. */
  lingerMs?: number;
  /** Whoever comes while nothing is under way waits for nobody. */
  isEager?: boolean;
  /** So many groups side by side: while one is committed, the next gathers. */
  abreast?: number;
  /** Of those with the same key, one a group; the others wait for the next. */
  keyOf?: (item: T) => string;
};

/** What `commit` answers for one that it left alone, because the group would have had to wait for it: it is committed by itself. */
export const alone = Symbol("alone");

/**
 * Lets whoever comes while transactions are under way share the next one: each waits for a commit of its own, and a crowd
 * pays for few. What `commit` is given keeps the order of arrival; with several abreast, one that came later may be committed
 * earlier.
 * @param commit does all of it in one transaction, and answers one result for each, in the same order; `alone` only in company
 */
export function groupCommit<T, R>(
  commit: (items: T[]) => Promise<(R | typeof alone)[]>,
  { most = 200, lingerMs = 0, isEager = false, abreast = 1, keyOf }: Options<T> = {},
): (item: T) => Promise<R> {
  type Waiting = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };
  let waiting: Waiting[] = [];
  let underWay = 0;
  let isGathering = false;

  /** One that cannot be committed must not take the others with it, so after a failure each goes alone. */
  const settle = async (group: Waiting[]): Promise<void> => {
    try {
      const results = await commit(group.map(({ item }) => item));
      group.forEach((one, index) => {
        const result = results[index];
        // Nobody waits for it but the one who sent it.
        if (result === alone && group.length > 1) void settle([one]);
        else if (result === alone || !(index in results))
          one.reject(new Error("The group's commit left out a result."));
        else one.resolve(result as R); // It is there: its index is.
      });
    } catch (error) {
      if (group.length > 1) await Promise.all(group.map((one) => settle([one])));
      else group[0]?.reject(error);
    }
  };

  const nextGroup = (): Waiting[] => {
    if (keyOf === undefined) return waiting.splice(0, most);
    const group = new Map<string, Waiting>();
    const left: Waiting[] = [];
    for (const one of waiting) {
      const key = keyOf(one.item);
      if (group.size < most && !group.has(key)) group.set(key, one);
      else left.push(one);
    }
    waiting = left;
    return [...group.values()];
  };

  const gather = async (): Promise<void> => {
    if (isGathering || underWay >= abreast || waiting.length === 0) return;
    isGathering = true;
    if (waiting.length < most && !(isEager && underWay === 0))
      await (lingerMs > 0 ? pause(lingerMs) : turn());
    isGathering = false;
    underWay += 1;
    const settled = settle(nextGroup());
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
