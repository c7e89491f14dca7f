"use client";

import { useSyncExternalStore } from "react";

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

/** Says how long ago something was; its title has the exact moment. */
export function TimeAgo({ at }: { at: Date | string }) {
  const date = new Date(at);
  // Read once when the page comes alive: a list does not need to tick.
  const text = useSyncExternalStore(
    never,
    () => sayAgo(date, Math.floor(Date.now() / 60_000) * 60_000),
    () => date.toISOString().slice(0, 10),
  );
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()} className="whitespace-nowrap">
      {text}
    </time>
  );
}
