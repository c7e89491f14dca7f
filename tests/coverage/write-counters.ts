import { mkdirSync, writeFileSync } from "node:fs";
import { countersName } from "#tests/coverage/instrument.ts";

/** The counters of this process: one 0 or 1 per statement, by file. */
export type Counters = Record<string, string>;

/** Writes this process's counters; a later call replaces them. Does nothing unless coverage is measured. */
export function writeCounters(folder: string | undefined): void {
  const counted: unknown = Reflect.get(globalThis, countersName);
  if (folder === undefined || typeof counted !== "object" || counted === null) return;
  const counters = Object.fromEntries(
    Object.entries(counted).map(([path, values]): [string, string] => [path, Array.from(values).join("")]),
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${process.pid}.json`, JSON.stringify(counters satisfies Counters));
}
