import { percentile } from "#tests/bench/load.ts";
import type { LedgerSummary } from "#tests/bench/sustained/check-ledger.ts";
import type { CallResult } from "#tests/bench/sustained/client.ts";
import type { TrafficResult } from "#tests/bench/sustained/traffic.ts";
import type { ProcessReport } from "#tests/bench/sustained/watch-process.ts";

/** The 95th percentile of calls that use no model. */
const targetMs = 200;
/** Growth of the resident memory from the warm-up to the end that counts as flat. */
const flatShare = 1.15;
const flatMib = 24;

export type Verdict = { text: string; isMet: boolean; isMeasured: boolean };

/** Prints the measurements and returns what they mean for the targets. */
export function report(
  { streams, chats, calls }: TrafficResult,
  usage: ProcessReport,
  ledger: LedgerSummary,
  print: (line: string) => void,
): Verdict[] {
  const all = [...calls.values()].flat();
  print(row("", ["answers", "p50 ms", "p95 ms", "p99 ms", "429", "errors"]));
  print(
    row(
      "first token of open streams",
      times(streams, (one) => one.firstTokenMs),
    ),
  );
  print(
    row(
      "first token of new chats",
      times(chats, (one) => one.firstTokenMs),
    ),
  );
  for (const [name, results] of [...calls].sort(([a], [b]) => a.localeCompare(b)))
    print(
      row(
        name,
        times(results, (one) => one.totalMs),
      ),
    );
  print(
    row(
      "calls without a model",
      times(all, (one) => one.totalMs),
    ),
  );
  print("");
  const { residentMib, heapMib, loopDelayMs, clientDelayMs, appCpu, machineCpu } = usage;
  print(`resident memory   ${mib(residentMib.warm)} after the warm-up, ${mib(residentMib.end)} at the end`);
  print(`heap              ${mib(heapMib.warm)} after the warm-up, ${mib(heapMib.end)} at the end`);
  print(
    `event-loop delay  p99 ${ms(loopDelayMs.median)} (median), ${ms(loopDelayMs.worst)} (worst interval)`,
  );
  print(`client's delay    p99 ${ms(clientDelayMs)}, part of all times above`);
  print(`CPU               app ${share(appCpu)} of a core, machine ${share(machineCpu)} of all cores`);
  print(
    `ledger            ${ledger.answers} answers, $${(ledger.chargedMicros / 1e6).toFixed(2)} charged, ${ledger.entries} entries`,
  );
  print("");
  const everything = [...streams, ...chats, ...all];
  const failures = everything.filter(isError);
  for (const [text, count] of countTexts(failures.map(describe))) print(`error  ${count} x ${text}`);
  for (const text of ledger.problems) print(`ledger ${text}`);
  const p95 = percentile(
    all.map(({ totalMs }) => totalMs),
    0.95,
  );
  const limitMib = Math.max(residentMib.warm * flatShare, residentMib.warm + flatMib);
  return [
    verdict(`no errors other than 429: ${failures.length}`, failures.length === 0),
    verdict(
      ledger.problems.length === 0 ? "the ledger is exact" : "the ledger is not exact",
      ledger.problems.length === 0,
    ),
    measured(`95th percentile without a model below ${targetMs} ms: ${ms(p95)}`, p95 < targetMs),
    measured(`flat memory: ${mib(residentMib.warm)} to ${mib(residentMib.end)}`, residentMib.end <= limitMib),
  ];
}

const verdict = (text: string, isMet: boolean): Verdict => ({ text, isMet, isMeasured: false });
/** A target that a busy machine misses. */
const measured = (text: string, isMet: boolean): Verdict => ({ text, isMet, isMeasured: true });

function isError({ status, failure }: CallResult): boolean {
  return failure !== null || (status !== 429 && (status < 200 || status > 299));
}

function describe({ status, failure, tail }: CallResult): string {
  return failure ?? `${status} ${/"code":"(\w+)"/.exec(tail)?.[1] ?? ""}`;
}

function countTexts(texts: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

function times(results: CallResult[], read: (result: CallResult) => number): string[] {
  const values = results.filter((one) => !isError(one) && one.status !== 429).map(read);
  const limited = results.filter(({ status }) => status === 429).length;
  return [
    String(values.length),
    ...[0.5, 0.95, 0.99].map((part) => percentile(values, part).toFixed(1)),
    String(limited),
    String(results.filter(isError).length),
  ];
}

const row = (name: string, cells: string[]) =>
  `${name.padEnd(34)}${cells.map((cell) => cell.padStart(10)).join("")}`;
const mib = (value: number) => `${value.toFixed(0)} MiB`;
const ms = (value: number) => `${value.toFixed(1)} ms`;
const share = (value: number) => `${(value * 100).toFixed(0)} %`;
