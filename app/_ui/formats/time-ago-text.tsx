import { useLocale } from "next-intl";
import { formatUtc } from "#app/_ui/formats/format-utc.ts";
import { tagOf } from "#lib/core/formats.ts";
import type { Locale } from "#lib/core/locale.ts";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Formats a time relative to `now`, in milliseconds ("3 hours ago"). */
export function formatTimeAgo(date: Date, now: number, locale: Locale): string {
  const seconds = Math.round((date.getTime() - now) / 1000);
  const format = new Intl.RelativeTimeFormat(tagOf(locale), { numeric: "auto" });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}

/**
 * Shows the time between `at` and `since` in the reader's language; its title is the exact time in UTC.
 * @param since the current time of the clock that `at` was taken from
 */
export function TimeAgoText({ at, since }: { at: Date; since: Date }) {
  return (
    <time dateTime={at.toISOString()} title={formatUtc(at)} className="whitespace-nowrap">
      {formatTimeAgo(at, since.getTime(), useLocale())}
    </time>
  );
}
