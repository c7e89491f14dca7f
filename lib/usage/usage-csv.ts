import type { UsageRow } from "#lib/usage/reports.ts";

/**
 * Formats a table as CSV (RFC 4180). Cells that a spreadsheet would read as a formula get a leading quote.
 */
export function toCsv(header: string[], rows: (string | number)[][]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** A number with a sign, also as a percentage, in either language's notation. */
const signedNumber = /^[+-]\d[\d.,]*\s?%?$/;

function cell(value: string | number): string {
  if (typeof value === "number") return String(value);
  const isFormula = /^[=+\-@\t\r]/.test(value) && !signedNumber.test(value);
  const harmless = isFormula ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Formats usage as CSV. Amounts are in US dollars with six digits, so that sums stay exact. */
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
