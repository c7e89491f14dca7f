import { stdout } from "node:process";
import { startAnchors } from "#tests/bench/anchors/start.ts";
import { measure, type Round } from "#tests/bench/measure.ts";
import { startOurs } from "#tests/bench/ours.ts";

/**
 * `npm run bench`: the frozen anchors and our browser path, side by side in one run, interleaved, five
 * rounds: the first one finds everything cold (every person's first question, every plan of a statement).
 * Only ratios hold: the same path moves by a third between runs, so what is printed last is the median of
 * each round's ratios.
 */
const rounds = 5;
const rows: { key: keyof Round; label: string; digits: number }[] = [
  { key: "firstToken50P50", label: "added first token, 50 open, p50 ms", digits: 1 },
  { key: "firstToken50P95", label: "added first token, 50 open, p95 ms", digits: 1 },
  { key: "firstToken200P50", label: "added first token, 200 open, p50 ms", digits: 1 },
  { key: "firstToken200P95", label: "added first token, 200 open, p95 ms", digits: 1 },
  { key: "cpuPerStream", label: "server CPU ms a stream, 200 open", digits: 2 },
  { key: "shortPerSecond", label: "short answers a second", digits: 0 },
  { key: "memoryPerStream", label: "memory KiB an open stream", digits: 0 },
];

const anchors = await startAnchors();
const ours = await startOurs(anchors.upstreamUrl).catch(async (error) => {
  await anchors.stop();
  throw error;
});
const paths = [...anchors.paths, ours.path];
const results = new Map<string, Round[]>(paths.map((path) => [path.name, []]));
try {
  for (let round = 0; round < rounds; round += 1) {
    for (const path of paths) {
      stdout.write(`round ${round + 1} of ${rounds}: ${path.name}\n`);
      results.get(path.name)?.push(await measure(path));
    }
  }
} finally {
  await ours.stop();
  await anchors.stop();
}
print();

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** What a path did, in the middle of its rounds. */
function middle(name: string, key: keyof Round): number {
  return median((results.get(name) ?? []).map((round) => round[key]));
}

function print(): void {
  const names = paths.map((path) => path.name);
  stdout.write(`\n${["".padEnd(38), ...names.map((name) => name.padStart(12))].join("")}\n`);
  for (const row of rows) {
    const cells = names.map((name) => middle(name, row.key));
    stdout.write(
      `${row.label.padEnd(38)}${cells.map((cell) => cell.toFixed(row.digits).padStart(12)).join("")}\n`,
    );
  }
  stdout.write("\nMedian of per-round ratios, ours to the anchor (1.00 is equal)\n");
  for (const row of rows) stdout.write(`${row.label.padEnd(38)}${ratios(row.key).join("   ")}\n`);
  stdout.write(
    "\nWhere ours stands between the bare Next route (0) and the naive one (1); under 0.5 is nearer to bare\n",
  );
  for (const row of rows)
    stdout.write(`${row.label.padEnd(38)}${standing(row.key).toFixed(2).padStart(12)}\n`);
}

function perRound(key: keyof Round, of: (ours: number, other: number) => number, name: string): number {
  const mine = results.get("ours") ?? [];
  const other = results.get(name) ?? [];
  return median(mine.map((round, index) => of(round[key], other[index]?.[key] ?? Number.NaN)));
}

function ratios(key: keyof Round): string[] {
  return anchors.paths.map((path) => `${path.name} ${perRound(key, (a, b) => a / b, path.name).toFixed(2)}`);
}

/**
 * 0 where ours equals the bare route, 1 where it equals the naive one, on this measure. From the medians: in
 * one round the two may happen to be alike, and a part of nothing says nothing.
 */
function standing(key: keyof Round): number {
  const bare = middle("bare next", key);
  return (middle("ours", key) - bare) / (middle("naive", key) - bare);
}
