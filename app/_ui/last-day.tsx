import { DateTime } from "#app/_ui/date-time.tsx";

const utcDay: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeZone: "UTC" };

type Props = { grant: { kind: string; expiresAt: Date } };

/** Until when credit is good. An operator gives it through a day (UTC), which is named as it was typed, wherever it is read. */
export function LastDay({ grant: { kind, expiresAt } }: Props) {
  return kind === "manual" ? <DateTime at={expiresAt} format={utcDay} /> : <DateTime at={expiresAt} />;
}
