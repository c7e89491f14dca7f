import { DateTime } from "#app/_ui/formats/date-time.tsx";

const utcDayFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeZone: "UTC" };

type Props = { grant: { kind: string; expiresAt: Date } };

/** The expiry date of a grant. Operators enter a UTC day for manual grants, so theirs is displayed in UTC. */
export function GrantExpiry({ grant: { kind, expiresAt } }: Props) {
  return kind === "manual" ? <DateTime at={expiresAt} format={utcDayFormat} /> : <DateTime at={expiresAt} />;
}
