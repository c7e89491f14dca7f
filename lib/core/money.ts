/**
 * Money is an integer number of micro-USD (1 USD = 1,000,000 micros) everywhere inside;
 * cents exist only at Stripe's border.
 */
export const microsPerUsd = 1_000_000;
const microsPerCent = 10_000;

/** Micro-USD of an amount in whole or fractional dollars, for catalogues written by people. */
export function usd(dollars: number): number {
  return Math.round(dollars * microsPerUsd);
}

/** Micro-USD of an amount that Stripe gave in cents. */
export function fromCents(cents: number): number {
  return cents * microsPerCent;
}

/** Whole cents of an amount in micro-USD; throws where a part of a cent would be lost. */
export function toCents(micros: number): number {
  if (micros % microsPerCent !== 0) throw new RangeError(`${micros} micro-USD is no whole number of cents`);
  return micros / microsPerCent;
}

/**
 * Money as people read it: two digits from a cent up, as many as needed below ("$0.0042"), never "credits".
 * @param micros integer micro-USD, may be negative
 */
export function formatMoney(micros: number): string {
  const sign = micros < 0 ? "-" : "";
  const size = Math.abs(micros);
  if (size === 0 || size >= microsPerUsd) return `${sign}$${group((size / microsPerUsd).toFixed(2))}`;
  const digits = size >= 100_000 ? 2 : size >= 1_000 ? 4 : 6;
  const text = (size / microsPerUsd).toFixed(digits);
  return `${sign}$${digits === 2 ? text : text.replace(/0+$/, "").padEnd(4, "0")}`;
}

function group(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
