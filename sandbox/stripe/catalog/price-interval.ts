import { invalid } from "#sandbox/stripe/protocol/failure.ts";

/** The largest `interval_count` of each interval: a billing period is at most three years long. */
const maxIntervalCounts = { day: 1095, week: 156, month: 36, year: 3 };

/** Throws unless the billing interval is positive and at most three years. */
export function assertInterval(
  recurring: { interval: keyof typeof maxIntervalCounts; interval_count?: number | undefined },
  path: string,
): void {
  const { interval, interval_count: count = 1 } = recurring;
  const param = `${path}[interval_count]`;
  if (count < 1) throw invalid("Invalid positive integer", param, "parameter_invalid_integer");
  if (count <= maxIntervalCounts[interval]) return;
  throw invalid(
    `The maximum interval of a price is three years: ${maxIntervalCounts[interval]} ${interval}s.`,
    param,
  );
}
