import type { UsageRow } from "#lib/usage/reports.ts";

/** A table as CSV (RFC 4180), safe to open in a spreadsheet: a cell that would be read as a formula gets a quote before it. */
export function toCsv(header: string[], rows: (string | number)[][]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Usage as CSV; money in dollars with all six digits, so that sums stay exact. */
export function usageCsv(group: string, rows: UsageRow[]): string {
  return toCsv(
    [group, "requests", "prompt_tokens", "completion_tokens", "charged_usd"],
    rows.map((row) => [
      row.group,
      row.requests,
      row.promptTokens,
      row.completionTokens,
      (row.chargedMicros / 1_000_000).toFixed(6),
    ]),
  );
}
