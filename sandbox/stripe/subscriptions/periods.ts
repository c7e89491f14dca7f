export type Interval = { interval: string; interval_count: number };

const daySeconds = 86_400;

/**
 * The period that contains `at`, in whole intervals from the anchor (UTC). Each boundary is computed from the
 * anchor, so months clamp and recover (31 January -> 28 February -> 31 March).
 */
export function periodAround(anchor: number, every: Interval, at: number): { start: number; end: number } {
  const step = secondsPerStep(every);
  if (step !== null) {
    const start = anchor + Math.floor((at - anchor) / step) * step;
    return { start, end: start + step };
  }
  const months = every.interval_count * (every.interval === "year" ? 12 : 1);
  let count = Math.floor(monthsBetween(anchor, at) / months) - 1;
  while (addMonths(anchor, count * months) <= at) count += 1;
  return { start: addMonths(anchor, (count - 1) * months), end: addMonths(anchor, count * months) };
}

/** The end of the period that contains `at`. */
export function periodEnd(anchor: number, every: Interval, at: number): number {
  return periodAround(anchor, every, at).end;
}

/** Adds calendar months; the day clamps to the end of the month. */
export function addMonths(from: number, months: number): number {
  const date = new Date(from * 1000);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate();
  const day = Math.min(date.getUTCDate(), lastDay);
  const moved = Date.UTC(
    date.getUTCFullYear(),
    date.getUTCMonth() + months,
    day,
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  );
  return moved / 1000;
}

/** Adds a number of intervals. */
export function intervalsAfter(from: number, every: Interval, times = 1): number {
  const step = secondsPerStep(every);
  if (step !== null) return from + times * step;
  return addMonths(from, times * every.interval_count * (every.interval === "year" ? 12 : 1));
}

/** Whether two prices have the same interval. */
export function sameInterval(a: Interval, b: Interval): boolean {
  return a.interval === b.interval && a.interval_count === b.interval_count;
}

function secondsPerStep({ interval, interval_count }: Interval): number | null {
  if (interval === "day") return interval_count * daySeconds;
  if (interval === "week") return interval_count * 7 * daySeconds;
  return null;
}

function monthsBetween(from: number, to: number): number {
  const a = new Date(from * 1000);
  const b = new Date(to * 1000);
  return (b.getUTCFullYear() - a.getUTCFullYear()) * 12 + b.getUTCMonth() - a.getUTCMonth();
}
