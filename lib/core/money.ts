/**
 * Amounts are integers in micro-USD (1 USD = 1,000,000 micros). Only the code that exchanges amounts with
 * Stripe uses cents, or the smallest unit of another currency.
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

/** Currencies whose smallest unit at Stripe is the whole unit. Source: docs.stripe.com/currencies. */
const zeroDecimal = new Set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split(" "));
/** Currencies with three decimals at Stripe. */
const threeDecimal = new Set("bhd jod kwd omr tnd".split(" "));

/**
 * Returns how many decimals Stripe's smallest unit of a currency has. ISK and UGX have two at Stripe,
 * although they have none elsewhere. Pure.
 * @param currency ISO 4217 code, in either case
 */
export function minorDigits(currency: string): number {
  const code = currency.toLowerCase();
  if (zeroDecimal.has(code)) return 0;
  return threeDecimal.has(code) ? 3 : 2;
}

/**
 * Converts an amount in a currency's smallest unit, as Stripe counts it, to millionths of the currency's
 * unit: 1,900 JPY are 1,900,000,000, and 19.00 USD are 19,000,000 micro-USD. Pure.
 */
export function fromMinorUnits(amount: number, currency: string): number {
  return amount * 10 ** (6 - minorDigits(currency));
}
