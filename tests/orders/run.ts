import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPostgres } from "#sandbox/postgres.ts";
import type { Ending } from "#tests/orders/play.ts";
import { createTemplate } from "#tests/template-database.ts";

/**
 * `npm run test:orders -- --histories N --seed S`: plays random lives of customers at Stripe, and lets copies of the product
 * hear of them in order, and permuted, doubled, late, in parallel, or not at all. After the sweep every copy must stand where
 * Stripe stands, with the same credit. A failure prints its seed; `--histories 1 --seed THAT` plays it again.
 */
const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
    report: { type: "string" },
  },
});
const [histories, firstSeed] = [Number(values.histories), Number(values.seed)];
const seeds = Array.from({ length: histories }, (_, index) => firstSeed + index).reverse();
const failedSeeds: number[] = [];

const postgres = await startPostgres({ ephemeral: true });
try {
  await createTemplate(postgres.url);
  // Half of a history is waiting for the database, so there is one world more than there are cores.
  const worlds = Math.min(availableParallelism() + 1, histories);
  await Promise.all(Array.from({ length: worlds }, playInAWorld));
} finally {
  await postgres.stop();
}

const passed = histories - failedSeeds.length;
failedSeeds.sort((a, b) => a - b);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify({ passed, failedSeeds }));
process.stdout.write(`${passed} passed, ${failedSeeds.length} failed\n`);
process.exitCode = failedSeeds.length > 0 || histories === 0 ? 1 : 0;

/** Starts a world in a process of its own, because it moves the clock there, and takes histories for it until none is left. */
function playInAWorld(): Promise<void> {
  return new Promise((resolve, reject) => {
    const world = fork(fileURLToPath(new URL("play.ts", import.meta.url)), [postgres.url]);
    const playNext = () => {
      const seed = seeds.pop();
      if (seed === undefined) world.disconnect();
      else world.send(seed);
    };
    world.on("message", (said: "ready" | Ending) => {
      if (said !== "ready" && said.failure !== null) {
        failedSeeds.push(said.seed);
        process.stdout.write(`seed ${said.seed} failed: ${said.failure}\n\n`);
      }
      playNext();
    });
    world.once("error", reject);
    world.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`A world of the histories ended with ${code}.`)),
    );
  });
}
