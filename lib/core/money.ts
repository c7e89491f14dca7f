/**
 * Amounts are integers in micro-USD (1 USD = 1,000,000 micros). Only the code that exchanges amounts with
 * Stripe uses cents.
 */
export const microsPerUsd = 1_000_000;
const microsPerCent = 10_000;

/** Converts dollars to micro-USD, for price lists. */
export function usd(dollars: number): number {
  return Math.round(dollars * microsPerUsd);
}

/** Converts cents to micro-USD. */
export function fromCents(cents: number): number {
  return cents * microsPerCent;
}

/**
 * Converts micro-USD to cents.
 * @throws Error if the amount is not a whole number of cents
 */
export function toCents(micros: number): number {
  if (micros % microsPerCent !== 0) throw new RangeError(`${micros} micro-USD is no whole number of cents`);
  return micros / microsPerCent;
}

/**
 * Formats an amount in US dollars: two decimals from one cent up, more below ("$0.0042").
 * @param micros integer micro-USD; may be negative
 */
export function formatMoney(micros: number): string {
  const sign = micros < 0 ? "-" : "";
  const size = Math.abs(micros);
  if (size === 0 || size >= microsPerUsd)
    return `${sign}$${groupThousands((size / microsPerUsd).toFixed(2))}`;
  const digits = size >= 100_000 ? 2 : size >= 1_000 ? 4 : 6;
  const text = (size / microsPerUsd).toFixed(digits);
  return `${sign}$${digits === 2 ? text : text.replace(/0+$/, "").padEnd(4, "0")}`;
}

function groupThousands(text: string): string {
  return text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}
