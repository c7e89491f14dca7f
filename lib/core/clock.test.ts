import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { addMonths, monthOf, now, shiftClock } from "#lib/core/clock.ts";

const moment = fc.date({ noInvalidDate: true, min: new Date("1990-01-01"), max: new Date("2090-01-01") });
const months = fc.integer({ min: -240, max: 240 });

afterEach(() => shiftClock(0));

test("addMonths clamps the day in a short month and restores it in the next month", () => {
  const anchor = new Date("2026-01-31T10:00:00Z");
  expect(addMonths(anchor, 1).toISOString()).toBe("2026-02-28T10:00:00.000Z");
  expect(addMonths(anchor, 2).toISOString()).toBe("2026-03-31T10:00:00.000Z");
  expect(addMonths(anchor, 25).toISOString()).toBe("2028-02-29T10:00:00.000Z");
});

test("addMonths changes the month by the given number, keeps the time, and never increases the day", () => {
  fc.assert(
    fc.property(moment, months, (anchor, count) => {
      const moved = addMonths(anchor, count);
      const index = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
      expect(index(moved) - index(anchor)).toBe(count);
      expect(moved.getTime() % 86_400_000).toBe(anchor.getTime() % 86_400_000);
      expect(moved.getUTCDate()).toBeLessThanOrEqual(anchor.getUTCDate());
      if (anchor.getUTCDate() <= 28) expect(addMonths(moved, -count)).toEqual(anchor);
    }),
  );
});

test("every moment is in exactly one anchored month, and months have no gaps", () => {
  fc.assert(
    fc.property(moment, moment, (anchor, at) => {
      const month = monthOf(anchor, at);
      expect(month.startsAt <= at && at < month.endsAt).toBe(true);
      expect(month.endsAt).toEqual(addMonths(anchor, month.index + 1));
      expect(monthOf(anchor, month.endsAt)).toMatchObject({ index: month.index + 1, startsAt: month.endsAt });
    }),
  );
});

test.each(["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu"])(
  "known failure mode: time zones: in %s months begin and end at the same moments",
  (zone) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    try {
      // 23:30 UTC on the 31st is another day and month in these time zones.
      const anchor = new Date("2026-01-31T23:30:00Z");
      expect(addMonths(anchor, 1).toISOString()).toBe("2026-02-28T23:30:00.000Z");
      expect(monthOf(anchor, new Date("2026-03-01T00:00:00Z"))).toMatchObject({
        index: 1,
        startsAt: new Date("2026-02-28T23:30:00Z"),
        endsAt: new Date("2026-03-31T23:30:00Z"),
      });
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  },
);

test("shiftClock changes the current time by the offset", () => {
  const before = Date.now();
  shiftClock(86_400_000);
  expect(now().getTime() - before).toBeGreaterThanOrEqual(86_400_000);
});
