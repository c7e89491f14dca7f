"use client";

import { useSyncExternalStore } from "react";
import { sayUtc } from "#app/_ui/say-utc.ts";

const never = () => () => {};

type Props = { at: Date | string; format?: Intl.DateTimeFormatOptions };

const day: Intl.DateTimeFormatOptions = { dateStyle: "medium" };

/**
 * A date in the reader's own zone and language; until the page is alive, in UTC, which is what the server knows. Its title has
 * the exact moment in UTC.
 */
export function DateTime({ at, format = day }: Props) {
  const date = new Date(at);
  const text = useSyncExternalStore(
    never,
    () => new Intl.DateTimeFormat(undefined, format).format(date),
    () => new Intl.DateTimeFormat("en-US", { ...format, timeZone: "UTC" }).format(date),
  );
  return (
    <time dateTime={date.toISOString()} title={sayUtc(date)} className="whitespace-nowrap">
      {text}
    </time>
  );
}
