import { microsPerUsd } from "#lib/core/money.ts";

/** Formats micro-USD without rounding: two decimals, or as many as it takes ("$14.999999"). */
export function formatMicros(micros: number): string {
  const [whole, decimals = ""] = (Math.abs(micros) / microsPerUsd).toFixed(6).split(".");
  return `${micros < 0 ? "-" : ""}$${whole}.${decimals.replace(/0+$/, "").padEnd(2, "0")}`;
}
