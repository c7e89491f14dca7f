"use client";

import { useLocale } from "next-intl";
import { useSyncExternalStore } from "react";
import { formatUtc } from "#app/_ui/formats/format-utc.ts";
import { formatsFor } from "#lib/core/formats.ts";

const subscribeNever = () => () => {};

type Props = { at: Date | string; format?: Intl.DateTimeFormatOptions };

const dayFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium" };

/**
 * A date in the reader's language and time zone, and in UTC until hydration. Its title is the exact time in
 * UTC.
 */
export function DateTime({ at, format = dayFormat }: Props) {
  const date = new Date(at);
  const formats = formatsFor(useLocale());
  const text = useSyncExternalStore(
    subscribeNever,
    () => formats.date(date, { ...format, timeZone: undefined }),
    () => formats.date(date, format),
  );
  return (
    <time dateTime={date.toISOString()} title={formatUtc(date)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
