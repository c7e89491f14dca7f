import { invalid } from "#sandbox/stripe/protocol/failure.ts";

/** How often each interval fits into the three years that a price may span at most. */
const mostIntervals = { day: 1095, week: 156, month: 36, year: 3 };

/** Throws for an interval of a price that is nothing, or longer than three years. */
export function assertInterval(
  rhythm: { interval: keyof typeof mostIntervals; interval_count?: number | undefined },
  path: string,
): void {
  const { interval, interval_count: count = 1 } = rhythm;
  const param = `${path}[interval_count]`;
  if (count < 1) throw invalid("Invalid positive integer", param, "parameter_invalid_integer");
  if (count <= mostIntervals[interval]) return;
  throw invalid(
    `The maximum interval of a price is three years: ${mostIntervals[interval]} ${interval}s.`,
    param,
  );
}
