import fc from "fast-check";
import { afterAll, vi } from "vitest";
import { shiftClock } from "#lib/core/clock.ts";
import { writeCounters } from "#tests/coverage/write-counters.ts";
import { randomRuns } from "#tests/random-budget.ts";

// Runs before each test file. Files share their worker's process (`isolate: false`), so each one starts with
// the real clock, the environment of the process and no instance that an earlier file has created.
vi.useRealTimers();
vi.unstubAllEnvs();
vi.unstubAllGlobals();
shiftClock(0);
for (const symbol of Object.getOwnPropertySymbols(globalThis))
  if (Symbol.keyFor(symbol)?.startsWith("parley.")) Reflect.deleteProperty(globalThis, symbol);

const { TEST_SEED: seed } = process.env;
fc.configureGlobal({ numRuns: randomRuns(50), ...(seed !== undefined && { seed: Number(seed) }) });

const coverageFolder = process.env.COVERAGE_DIR;
afterAll(() => writeCounters(coverageFolder));
