"use client";

import { useSyncExternalStore } from "react";
import { formatUtc } from "#app/_ui/formats/format-utc.ts";

const subscribeNever = () => () => {};

type Props = { at: Date | string; format?: Intl.DateTimeFormatOptions };

const dayFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium" };

/**
 * A date in the user's time zone and locale, and in UTC until hydration. Its title is the exact time in UTC.
 */
export function DateTime({ at, format = dayFormat }: Props) {
  const date = new Date(at);
  const text = useSyncExternalStore(
    subscribeNever,
    () => new Intl.DateTimeFormat(undefined, format).format(date),
    () => new Intl.DateTimeFormat("en-US", { ...format, timeZone: "UTC" }).format(date),
  );
  return (
    <time dateTime={date.toISOString()} title={formatUtc(date)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
