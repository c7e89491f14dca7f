import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "#sandbox/stripe/state/table.ts";

/**
 * The state on disk: one line a transaction, each a JSON array of changes. A line is written before its answer is
 * sent, and a torn last line (kill -9 in mid-write) is dropped, so a restart finds exactly what was answered.
 */
export class Journal {
  readonly #path: string;
  #file: number | null = null;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.#path = join(dataDir, "journal.jsonl");
  }

  /** Every change so far, in order. */
  read(): Change[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, "utf8").split("\n");
    lines.pop();
    return lines.flatMap((line): Change[] => JSON.parse(line));
  }

  /** Replaces the journal by the shortest one that gives the same state, atomically, and opens it for appending. */
  restart(rows: Change[]): void {
    if (this.#file !== null) closeSync(this.#file);
    const fresh = `${this.#path}.new`;
    const file = openSync(fresh, "w");
    for (const row of rows) writeLine(file, [row]);
    closeSync(file);
    renameSync(fresh, this.#path);
    this.#file = openSync(this.#path, "a");
  }

  append(changes: Change[]): void {
    if (this.#file !== null) writeLine(this.#file, changes);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

function writeLine(file: number, changes: Change[]): void {
  const line = Buffer.from(`${JSON.stringify(changes)}\n`);
  // A write may take only part of a long line; what is left is written after it.
  for (let done = 0; done < line.length; ) done += writeSync(file, line, done);
}
