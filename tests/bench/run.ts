import { stdout } from "node:process";
import { startAnchors } from "#tests/bench/anchors/start.ts";
import { measure, type RoundResult } from "#tests/bench/measure.ts";
import { startParley } from "#tests/bench/start-parley.ts";

/**
 * `npm run bench` measures the frozen anchors and Parley's chat endpoint, interleaved, in five rounds. The
 * first round is cold (first request of every user, first plan of every statement). Absolute values vary by a
 * third between runs, so the medians of each round's ratios are what to compare.
 */
const rounds = 5;
const rows: { key: keyof RoundResult; label: string; digits: number }[] = [
  { key: "firstToken50P50", label: "added first token, 50 open, p50 ms", digits: 1 },
  { key: "firstToken50P95", label: "added first token, 50 open, p95 ms", digits: 1 },
  { key: "firstToken200P50", label: "added first token, 200 open, p50 ms", digits: 1 },
  { key: "firstToken200P95", label: "added first token, 200 open, p95 ms", digits: 1 },
  { key: "cpuPerStream", label: "server CPU ms a stream, 200 open", digits: 2 },
  { key: "shortPerSecond", label: "short answers a second", digits: 0 },
  { key: "memoryPerStream", label: "memory KiB an open stream", digits: 0 },
];

const anchors = await startAnchors();
const parley = await startParley(anchors.upstreamUrl).catch(async (error) => {
  await anchors.stop();
  throw error;
});
const targets = [...anchors.targets, parley.target];
const results = new Map<string, RoundResult[]>(targets.map((target) => [target.name, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const target of targets) {
      stdout.write(`round ${round + 1} of ${rounds}: ${target.name}\n`);
      results.get(target.name)?.push(await measure(target));
    }
  }
} finally {
  await parley.stop();
  await anchors.stop();
}
print();

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Returns the median of a target over its rounds. */
function medianOf(name: string, key: keyof RoundResult): number {
  return median((results.get(name) ?? []).map((round) => round[key]));
}

function print(): void {
  const names = targets.map((target) => target.name);
  stdout.write(`\n${["".padEnd(38), ...names.map((name) => name.padStart(12))].join("")}\n`);
  for (const row of rows) {
    const cells = names.map((name) => medianOf(name, row.key));
    stdout.write(
      `${row.label.padEnd(38)}${cells.map((cell) => cell.toFixed(row.digits).padStart(12)).join("")}\n`,
    );
  }
  stdout.write("\nMedian of per-round ratios, Parley to the anchor (1.00 is equal)\n");
  for (const row of rows) stdout.write(`${row.label.padEnd(38)}${ratios(row.key).join("   ")}\n`);
  stdout.write(
    "\nPosition of Parley between the bare Next route (0) and the naive one (1); below 0.5 is closer to bare\n",
  );
  for (const row of rows)
    stdout.write(`${row.label.padEnd(38)}${relativePosition(row.key).toFixed(2).padStart(12)}\n`);
}

function perRound(
  key: keyof RoundResult,
  compare: (parley: number, anchor: number) => number,
  name: string,
): number {
  const parleyRounds = results.get("parley") ?? [];
  const anchorRounds = results.get(name) ?? [];
  return median(
    parleyRounds.map((round, index) => compare(round[key], anchorRounds[index]?.[key] ?? Number.NaN)),
  );
}

function ratios(key: keyof RoundResult): string[] {
  return anchors.targets.map(({ name }) => `${name} ${perRound(key, (a, b) => a / b, name).toFixed(2)}`);
}

/**
 * Returns 0 when Parley equals the bare route and 1 when it equals the naive one. Computed from the medians,
 * because in one round both anchors may be equal, which would divide by zero.
 */
function relativePosition(key: keyof RoundResult): number {
  const bare = medianOf("bare next", key);
  return (medianOf("parley", key) - bare) / (medianOf("naive", key) - bare);
}
