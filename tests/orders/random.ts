/** A seeded source of random values: the same seed gives the same history. */
export type Random = {
  /** Returns an integer from 0 up to and excluding `below`. */
  below(below: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
};

/** Creates a random source from a seed (Mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick(from) {
      const item = from[below(from.length)];
      if (item === undefined) throw new Error("Cannot pick from an empty list.");
      return item;
    },
    shuffled(items) {
      const rest = [...items];
      // `rest` has one item for each call.
      return items.map(() => rest.splice(below(rest.length), 1)[0] as (typeof rest)[number]);
    },
  };
}
