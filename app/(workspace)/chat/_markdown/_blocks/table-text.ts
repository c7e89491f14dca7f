import { toCsv } from "#lib/usage/usage-csv.ts";

/** The cells of a table as they are read. */
export type TableCells = { headers: string[]; rows: string[][] };

/** Formats a table as CSV (RFC 4180), without cells that a spreadsheet would run as a formula. */
export function tableCsv({ headers, rows }: TableCells): string {
  return toCsv(headers, rows);
}

/** Returns the cells of a table element. */
export function readTable(table: HTMLTableElement): TableCells {
  const texts = (row: HTMLTableRowElement) => [...row.cells].map((cell) => readCell(cell));
  const [head, ...body] = [...table.rows];
  return { headers: head === undefined ? [] : texts(head), rows: body.map(texts) };
}

/** A formula is read once, as TeX, not as its letters twice. */
function readCell(cell: HTMLTableCellElement): string {
  const copy = document.createElement("div");
  copy.append(...[...cell.childNodes].map((node) => node.cloneNode(true)));
  for (const formula of copy.querySelectorAll(".katex"))
    formula.replaceWith(`$${formula.querySelector("annotation")?.textContent ?? formula.textContent}$`);
  for (const lineBreak of copy.querySelectorAll("br")) lineBreak.replaceWith("\n");
  return (copy.textContent ?? "").trim();
}
