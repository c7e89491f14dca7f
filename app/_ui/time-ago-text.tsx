"use client";

import { useSyncExternalStore } from "react";
import { sayUtc } from "#app/_ui/say-utc.ts";

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** A moment in the past as people say it ("3 hours ago"). */
export function sayAgo(date: Date, now: number, language?: string): string {
  const seconds = Math.round((date.getTime() - now) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return "just now";
}

const never = () => () => {};

/**
 * Says how long before another moment something was, in the reader's language; its title has the exact moment.
 * @param since the moment it is by the clock that the other one was taken from
 */
export function TimeAgoText({ at, since }: { at: Date; since: Date }) {
  // Read once when the page comes alive: a list does not need to tick.
  const text = useSyncExternalStore(
    never,
    () => sayAgo(at, since.getTime()),
    () => at.toISOString().slice(0, 10),
  );
  return (
    <time dateTime={at.toISOString()} title={sayUtc(at)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
