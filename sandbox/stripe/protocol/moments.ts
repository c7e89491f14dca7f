import { invalid } from "#sandbox/stripe/protocol/failure.ts";

const daySeconds = 86_400;
/** Maximum trial length: two years. */
const longestTrialDays = 730;

/** Throws if a timestamp (seconds) is not in the future. */
export function assertFuture(moment: number, at: number, param: string): void {
  if (moment > at) return;
  throw invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", param);
}

/** Throws if a trial end (seconds) is in the past or more than two years ahead. */
export function assertTrialEnd(moment: number, at: number, param: string): void {
  assertFuture(moment, at, param);
  if (moment <= at + longestTrialDays * daySeconds) return;
  throw invalid("Invalid timestamp: can be no more than two years in the future.", param);
}

/** Throws if a trial length is negative or more than two years. */
export function assertTrialDays(days: number | undefined, param: string): void {
  if (days === undefined || (days >= 0 && days <= longestTrialDays)) return;
  throw days < 0
    ? invalid("Invalid non-negative integer", param, "parameter_invalid_integer")
    : invalid(`The maximum number of trial period days is ${longestTrialDays} (2 years).`, param);
}
