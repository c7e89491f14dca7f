import { singleton } from "#lib/core/singleton.ts";

const state = singleton("clock", () => ({ offsetMs: 0 }));

/** The current time. Every rule about time uses this clock, which tests and the sandbox may shift. */
export function now(): Date {
  return new Date(Date.now() + state.offsetMs);
}

/** Sets the offset of this process's clock from real time; for tests and the sandbox. */
export function shiftClock(offsetMs: number): void {
  state.offsetMs = offsetMs;
}

/**
 * Adds months to the anchor date (UTC). The day is clamped at the end of short months, and later months use
 * the anchor's day again: 31 January, 28 February, 31 March.
 * @param months whole months; may be negative
 */
export function addMonths(anchor: Date, months: number): Date {
  const target = new Date(anchor);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0)).getUTCDate();
  target.setUTCDate(Math.min(anchor.getUTCDate(), lastDay));
  return target;
}

/**
 * The month, counted from the anchor, that contains `at`: its index, start and end (UTC; the end is
 * exclusive).
 */
export function monthOf(anchor: Date, at: Date): { index: number; startsAt: Date; endsAt: Date } {
  let index =
    (at.getUTCFullYear() - anchor.getUTCFullYear()) * 12 + (at.getUTCMonth() - anchor.getUTCMonth());
  if (addMonths(anchor, index) > at) index -= 1;
  return { index, startsAt: addMonths(anchor, index), endsAt: addMonths(anchor, index + 1) };
}
