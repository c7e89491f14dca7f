import { toCsv } from "#lib/usage/usage-csv.ts";

/** A file of the archive; its content is read while it is written, a page at a time. */
export type ExportFile = { path: string; content: AsyncIterable<string | Uint8Array> };

/** The rows that are in memory at a time. */
export const pageSize = 500;

type Cell = string | number | boolean | Date | null;

/** A table as CSV, with times in ISO 8601 (UTC). */
export function csvFile<R>(
  path: string,
  header: string[],
  pages: AsyncIterable<R[]> | Iterable<R[]>,
  toCells: (row: R) => Cell[],
): ExportFile {
  async function* content() {
    yield toCsv(header, []);
    for await (const page of pages) yield toCsvRows(page.map((row) => toCells(row).map(toText)));
  }
  return { path, content: content() };
}

/** The lines of a table without its header. */
function toCsvRows([first, ...rest]: (string | number)[][]): string {
  return first === undefined ? "" : toCsv(first.map(String), rest);
}

function toText(cell: Cell): string | number {
  if (cell === null) return "";
  if (cell instanceof Date) return cell.toISOString();
  return typeof cell === "boolean" ? String(cell) : cell;
}

/** One value as JSON. */
export function jsonFile(path: string, value: unknown): ExportFile {
  return textFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

export function textFile(path: string, text: string): ExportFile {
  async function* content() {
    yield text;
  }
  return { path, content: content() };
}

/** A list as a JSON array with one entry per line. */
export function jsonListFile<R>(path: string, pages: AsyncIterable<R[]>): ExportFile {
  async function* content() {
    yield "[";
    let separator = "\n";
    for await (const page of pages) {
      if (page.length === 0) continue;
      yield separator + page.map((row) => JSON.stringify(row)).join(",\n");
      separator = ",\n";
    }
    yield "\n]\n";
  }
  return { path, content: content() };
}

/**
 * Reads a list in pages, each from the last row of the page before. No transaction stays open in between, so
 * a slow archive holds no connection.
 */
export async function* readPages<R>(
  read: (after: R | undefined) => Promise<Iterable<R>>,
): AsyncGenerator<R[], void> {
  let last: R | undefined;
  do {
    const rows = [...(await read(last))];
    if (rows.length > 0) yield rows;
    last = rows.length < pageSize ? undefined : rows.at(-1);
  } while (last !== undefined);
}

/** Micro-USD as US dollars with six digits, so that sums stay exact. */
export function toUsd(micros: number): string {
  return (micros / 1_000_000).toFixed(6);
}
