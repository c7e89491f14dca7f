const isLong = process.env.TEST_BUDGET === "long";

/**
 * Number of runs of a random test.
 * @param quick runs in `npm test`
 * @param long runs in `npm run test:long`; twenty times as many by default
 */
export function randomRuns(quick: number, long = quick * 20): number {
  return isLong ? long : quick;
}
