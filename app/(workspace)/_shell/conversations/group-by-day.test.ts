import fc from "fast-check";
import { expect, test } from "vitest";
import { groupByDay } from "#app/(workspace)/_shell/conversations/group-by-day.ts";

const dayMs = 86_400_000;
/** Midnight of a user two hours east of UTC. */
const midnight = Date.parse("2026-03-10T00:00:00+02:00");
const item = (updatedAt: string) => ({ updatedAt });
const ageOf = (updatedAt: string) => groupByDay([item(updatedAt)], midnight)[0]?.age;

test("groupByDay starts a day at the user's midnight, to the millisecond", () => {
  expect(ageOf("2026-03-10T00:00:00+02:00")).toBe("today");
  expect(ageOf("2026-03-09T23:59:59.999+02:00")).toBe("yesterday");
  expect(ageOf("2026-03-09T00:00:00+02:00")).toBe("yesterday");
  expect(ageOf("2026-03-08T23:59:59.999+02:00")).toBe("week");
  expect(ageOf("2026-03-03T00:00:00+02:00")).toBe("week");
  expect(ageOf("2026-03-02T23:59:59.999+02:00")).toBe("month");
  expect(ageOf("2026-02-08T00:00:00+02:00")).toBe("month");
  expect(ageOf("2026-02-07T23:59:59.999+02:00")).toBe("older");
});

test("groupByDay keeps every item once and in order, and names each day once", () => {
  const ages = fc.array(fc.integer({ min: -dayMs, max: 60 * dayMs }), { maxLength: 40 });
  fc.assert(
    fc.property(ages, (unsorted) => {
      const items = unsorted.sort((a, b) => a - b).map((age) => item(new Date(midnight - age).toISOString()));
      const groups = groupByDay(items, midnight);
      expect(groups.flatMap((group) => group.items)).toEqual(items);
      const ages = groups.map((group) => group.age);
      expect(new Set(ages).size).toBe(ages.length);
    }),
  );
});

test("an empty list has no groups", () => {
  expect(groupByDay([], midnight)).toEqual([]);
});
