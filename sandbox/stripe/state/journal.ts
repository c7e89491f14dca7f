import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Change } from "#sandbox/stripe/state/table.ts";

/**
 * The state on disk: one line per transaction, a JSON array of changes. A line is written before its response
 * is sent, and an incomplete last line (kill -9 while writing) is dropped, so a restart restores every
 * acknowledged change.
 */
export class Journal {
  readonly #path: string;
  #file: number | null = null;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true });
    this.#path = join(dataDir, "journal.jsonl");
  }

  /** Reads all changes in order. */
  read(): Change[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, "utf8").split("\n");
    lines.pop();
    return lines.flatMap((line): Change[] => JSON.parse(line));
  }

  /** Compacts the journal atomically and opens it for appending. */
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
  // A write may be partial; continue with the remaining bytes.
  for (let done = 0; done < line.length; ) done += writeSync(file, line, done);
}
