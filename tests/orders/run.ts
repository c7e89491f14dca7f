import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres } from "#sandbox/postgres.ts";
import type { HistoryResult } from "#tests/orders/history-worker.ts";
import { createTemplate } from "#tests/template-database.ts";

/**
 * `npm run test:orders -- --histories N --seed S`: plays random customer histories at Stripe and delivers the
 * events to instances of the product in order, or reordered, duplicated, late, concurrently or not at all.
 * After the sweep every instance must agree with Stripe and with the others.
 * - `--histories` (default 60) is the number of histories; `--seconds` plays for a time instead.
 * - `--seed` is the first seed (default random, printed). A failure prints its seed; `--histories 1 --seed
 *   THAT` repeats it.
 */
const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
    report: { type: "string" },
  },
});
const deadlineMs = values.seconds === undefined ? null : Date.now() + Number(values.seconds) * 1_000;
const histories = Number(values.histories ?? (deadlineMs === null ? 60 : Number.POSITIVE_INFINITY));
const firstSeed = Number(values.seed ?? randomInt(1, 1_000_000_000));
let started = 0;
let finished = 0;
const failedSeeds: number[] = [];

process.stdout.write(`The first seed is ${firstSeed}.\n`);
const postgres = await startPostgres({ ephemeral: true });
try {
  await createTemplate(postgres.url);
  // A history waits for the database half of its time, so there is one worker more than there are cores.
  const workers = Math.min(availableParallelism() + 1, histories);
  await Promise.all(Array.from({ length: workers }, runWorker));
} finally {
  await postgres.stop();
}

const passed = finished - failedSeeds.length;
failedSeeds.sort((a, b) => a - b);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failedSeeds }));
process.stdout.write(`${passed} passed, ${failedSeeds.length} failed (first seed ${firstSeed})\n`);
process.exitCode = failedSeeds.length > 0 || finished === 0 ? 1 : 0;

/** Returns the seed of the next history; null when the number or the time is used up. */
function nextSeed(): number | null {
  if (started >= histories || (deadlineMs !== null && started > 0 && Date.now() >= deadlineMs)) return null;
  started += 1;
  return firstSeed + started - 1;
}

/** Starts a worker process, because each one moves its own clock, and sends it seeds until none is left. */
function runWorker(): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(new URL("history-worker.ts", import.meta.url)), [postgres.url]);
    const playNext = () => {
      const seed = nextSeed();
      if (seed === null) worker.disconnect();
      else worker.send(seed);
    };
    worker.on("message", (message: "ready" | HistoryResult) => {
      if (message !== "ready") finished += 1;
      if (message !== "ready" && message.failure !== null) {
        failedSeeds.push(message.seed);
        process.stdout.write(`seed ${message.seed} failed: ${message.failure}\n\n`);
      }
      playNext();
    });
    worker.once("error", reject);
    worker.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`A history worker exited with ${code}.`)),
    );
  });
}
