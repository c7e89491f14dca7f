import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres } from "#sandbox/postgres.ts";
import { parseHistory, randomHistory } from "#tests/orders/history.ts";
import type { HistoryResult, HistoryTask } from "#tests/orders/history-worker.ts";
import { createTemplate } from "#tests/template-database.ts";

/**
 * `npm run test:orders -- --histories N --seed S`: plays random histories of customers and of an
 * administrator at Stripe and delivers their events to two instances of the product: in order, and
 * reordered, duplicated, late, concurrently or not at all. After the sweep both must agree with Stripe and
 * with each other, and the auditor must find that credit equals the money paid for it.
 * - `--histories` (default 200) is the number of histories; `--seconds` plays for a time instead.
 * - `--workers` is the number of processes that play (default the number of cores).
 * - `--seed` is the first seed (default random, printed). A failure prints its seed and a shorter history
 *   that fails too; `--replay "day:9 subscribe:1 refund:2"` plays that one.
 */
const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
    workers: { type: "string" },
    replay: { type: "string" },
    report: { type: "string" },
  },
});
const replayed = values.replay === undefined ? null : parseHistory(values.replay);
const deadlineMs = values.seconds === undefined ? null : Date.now() + Number(values.seconds) * 1_000;
const defaultHistories = deadlineMs === null ? 200 : Number.POSITIVE_INFINITY;
const histories = replayed === null ? Number(values.histories ?? defaultHistories) : 1;
const firstSeed = Number(values.seed ?? randomInt(1, 1_000_000_000));
let started = 0;
let finished = 0;
const failedSeeds: number[] = [];

process.stdout.write(`The first seed is ${firstSeed}.\n`);
const postgres = await startPostgres({ ephemeral: true });
try {
  await createTemplate(postgres.url);
  const workers = Math.min(Number(values.workers ?? availableParallelism()), histories);
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

function taskOf(seed: number): HistoryTask {
  return { id: seed, history: replayed ?? randomHistory(seed), shrinks: replayed === null };
}

/** Compiled modules are kept from run to run: loading them took as long as playing ten histories. */
function withCompileCache(): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: "node_modules/.cache/orders", ...process.env, LOG_LEVEL: "fatal" };
}

/** Starts a worker process, because each one moves its own clock, and sends it seeds until none is left. */
function runWorker(): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL("history-worker.ts", import.meta.url));
    const worker = fork(script, [postgres.url], { env: withCompileCache() });
    const playNext = () => {
      const seed = nextSeed();
      if (seed === null) worker.disconnect();
      else worker.send(taskOf(seed));
    };
    worker.on("message", (message: "ready" | HistoryResult) => {
      if (message !== "ready") finished += 1;
      if (message !== "ready" && message.failure !== null) {
        failedSeeds.push(message.id);
        process.stdout.write(`seed ${message.id} failed: ${message.failure}\n\n`);
      }
      playNext();
    });
    worker.once("error", reject);
    worker.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`A history worker exited with ${code}.`)),
    );
  });
}
