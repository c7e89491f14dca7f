/** How much more often a random test runs with the long budget of `npm run test:long`. */
const factor = process.env.TEST_BUDGET === "long" ? 10 : 1;

/**
 * Number of runs of a random test: `quick` in `npm test`, ten times as many in `npm run test:long`.
 * @param quick runs with the quick budget
 */
export function randomRuns(quick: number): number {
  return quick * factor;
}
