import { singleton } from "#lib/core/singleton.ts";

const state = singleton("clock", () => ({ offsetMs: 0 }));

/** The moment it is, by the one clock that every rule of time uses (tests and the sandbox may shift it). */
export function now(): Date {
  return new Date(Date.now() + state.offsetMs);
}

/** Shifts the clock of this process; for tests and time travel in the sandbox. */
export function shiftClock(offsetMs: number): void {
  state.offsetMs = offsetMs;
}

/**
 * The same day `months` later, counted from the anchor so that the day clamps at a short month's end and comes back
 * (31 January, 28 February, 31 March). UTC.
 * @param anchor the moment the count starts from
 * @param months whole months, may be negative
 */
export function addMonths(anchor: Date, months: number): Date {
  const target = new Date(anchor);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(anchor.getUTCDate(), lastDay));
  return target;
}

/** The anchored month that holds `at`: its index from the anchor, its start and its end (UTC, end excluded). */
export function monthOf(anchor: Date, at: Date): { index: number; startsAt: Date; endsAt: Date } {
  let index =
    (at.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + (at.getUTCMonth() - anchor.getUTCMonth());
  if (addMonths(anchor, index) > at) index -= 1;
  return { index, startsAt: addMonths(anchor, index), endsAt: addMonths(anchor, index + 1) };
}
