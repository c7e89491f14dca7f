import type { Locale } from "#lib/core/locale.ts";
import { microsPerUsd, minorDigits } from "#lib/core/money.ts";

const microsPerCent = microsPerUsd / 100;

const tags: Record<Locale, string> = { en: "en-US", de: "de-DE" };

/** The BCP 47 tag of a language for `Intl`. */
export function tagOf(locale: Locale): string {
  return tags[locale];
}

/** Named formats for numbers in messages: `{amount, number, usd}` formats dollars. */
export const messageFormats = { number: { usd: { style: "currency", currency: "USD" } } } as const;

type DateInput = Date | string | number;

/**
 * Formats of one language for screens and emails; files and API responses stay machine-readable. Dates are in
 * UTC unless the options name a time zone, because the server does not know the reader's.
 */
export type Formats = {
  /** The BCP 47 tag for `Intl`. */
  tag: string;
  /** Micro-USD: two decimals from ten cents up, more below ("$0.0042", "0,0042 $"). */
  money(micros: number): string;
  /** A price in micro-USD: without decimals if it is whole dollars ("$19", "$0.50"). */
  price(micros: number): string;
  /** Micro-USD in a column: all amounts have the decimals that the most precise of `column` needs. */
  moneyIn(column: readonly number[]): (micros: number) => string;
  /** A balance in micro-USD: cents, rounded down, so that it never promises more; "< $0.01" below a cent. */
  balance(micros: number): string;
  /** An amount in a currency's smallest unit, as Stripe counts it (1900 JPY is "¥1,900"). */
  currency(minorUnits: number, currency: string): string;
  /** Millionths of a currency's unit (`fromMinorUnits`), with the currency's decimals. */
  amount(micros: number, currency: string): string;
  /** "1,200", "1.200". */
  count(value: number): string;
  /** A duration in seconds with one decimal, without a unit: "1.3", "1,3". */
  seconds(durationMs: number): string;
  /** A file's size: "820 kB", "1.4 MB". */
  fileSize(bytes: number): string;
  /** A share from 0 to 1: "80%", "80 %". */
  percent(share: number): string;
  /** "Dec 28, 2026", "28.12.2026". */
  date(at: DateInput, options?: Intl.DateTimeFormatOptions): string;
};

const cache = new Map<Locale, Formats>();

/** Returns the formats of a language; on screens with `formatsFor(useLocale())`. */
export function formatsFor(locale: Locale): Formats {
  const known = cache.get(locale);
  if (known !== undefined) return known;
  const formats = createFormats(tags[locale]);
  cache.set(locale, formats);
  return formats;
}

const fileUnits = [
  { name: "kilobyte", size: 1_000 },
  { name: "megabyte", size: 1_000_000 },
  { name: "gigabyte", size: 1_000_000_000 },
] as const;

function createFormats(tag: string): Formats {
  const amounts = new Map<string, Intl.NumberFormat>();
  const amountFormat = (currency: string, digits?: number) => {
    const key = `${currency}${digits ?? ""}`;
    const known = amounts.get(key) ?? createAmountFormat(tag, currency, digits);
    amounts.set(key, known);
    return known;
  };
  const wholeDollars = createAmountFormat(tag, "USD", 0, 0);
  const tenths = new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const counts = new Intl.NumberFormat(tag);
  const percents = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0 });
  return {
    tag,
    money: (micros) => amountFormat("USD", moneyDigits(micros)).format(micros / microsPerUsd),
    price: (micros) =>
      micros % microsPerUsd === 0
        ? wholeDollars.format(micros / microsPerUsd)
        : amountFormat("USD", moneyDigits(micros)).format(micros / microsPerUsd),
    moneyIn: (column) => {
      const format = createAmountFormat(tag, "USD", neededDigits(column), neededDigits(column));
      return (micros) => format.format(micros / microsPerUsd);
    },
    balance: (micros) => {
      const cents = amountFormat("USD", 2);
      if (micros > 0 && micros < microsPerCent) return `< ${cents.format(0.01)}`;
      return cents.format(Math.floor(micros / microsPerCent) / 100);
    },
    currency: (minorUnits, currency) => {
      const digits = minorDigits(currency);
      return createAmountFormat(tag, currency.toUpperCase(), digits, digits).format(
        minorUnits / 10 ** digits,
      );
    },
    amount: (micros, currency) => {
      const digits = minorDigits(currency);
      return createAmountFormat(tag, currency.toUpperCase(), digits, digits).format(micros / microsPerUsd);
    },
    count: (value) => counts.format(value),
    seconds: (durationMs) => tenths.format(durationMs / 1000),
    fileSize: (bytes) => {
      const unit = fileUnits.findLast(({ size }) => bytes >= size) ?? fileUnits[0];
      const style = { style: "unit", unit: unit.name, maximumFractionDigits: 1 } as const;
      return new Intl.NumberFormat(tag, style).format(bytes / unit.size);
    },
    percent: (share) => percents.format(share),
    date: (at, options = { dateStyle: "medium" }) =>
      new Intl.DateTimeFormat(tag, { timeZone: "UTC", ...options }).format(new Date(at)),
  };
}

function createAmountFormat(
  tag: string,
  currency: string,
  maxDigits: number | undefined,
  minDigits = 2,
): Intl.NumberFormat {
  return new Intl.NumberFormat(tag, {
    style: "currency",
    currency,
    ...(maxDigits !== undefined && { minimumFractionDigits: minDigits, maximumFractionDigits: maxDigits }),
  });
}

/** Returns the decimals that the most precise amount of a column needs: 2 to 6. */
function neededDigits(column: readonly number[]): number {
  return Math.max(2, ...column.map((micros) => decimalsOf(micros, moneyDigits(micros))));
}

function decimalsOf(micros: number, maxDigits: number): number {
  const rounded = (Math.abs(micros) / microsPerUsd).toFixed(maxDigits);
  return rounded.replace(/0+$/, "").split(".")[1]?.length ?? 0;
}

/** Small amounts need more decimals, because an answer can cost less than a cent. */
function moneyDigits(micros: number): number {
  const size = Math.abs(micros);
  if (size === 0 || size >= 100_000) return 2;
  return size >= 1_000 ? 4 : 6;
}
