import fc from "fast-check";
import { expect, test } from "vitest";
import { groupByDay } from "#app/(workspace)/_shell/conversations/group-by-day.ts";

const dayMs = 86_400_000;
/** Midnight of a user two hours east of UTC. */
const midnight = Date.parse("2026-03-10T00:00:00+02:00");
const item = (updatedAt: string) => ({ updatedAt });
const labelOf = (updatedAt: string) => groupByDay([item(updatedAt)], midnight)[0]?.label;

test("groupByDay starts a day at the user's midnight, to the millisecond", () => {
  expect(labelOf("2026-03-10T00:00:00+02:00")).toBe("Today");
  expect(labelOf("2026-03-09T23:59:59.999+02:00")).toBe("Yesterday");
  expect(labelOf("2026-03-09T00:00:00+02:00")).toBe("Yesterday");
  expect(labelOf("2026-03-08T23:59:59.999+02:00")).toBe("Last seven days");
  expect(labelOf("2026-03-03T00:00:00+02:00")).toBe("Last seven days");
  expect(labelOf("2026-03-02T23:59:59.999+02:00")).toBe("Last thirty days");
  expect(labelOf("2026-02-08T00:00:00+02:00")).toBe("Last thirty days");
  expect(labelOf("2026-02-07T23:59:59.999+02:00")).toBe("Older");
});

test("groupByDay keeps every item once and in order, and names each day once", () => {
  const ages = fc.array(fc.integer({ min: -dayMs, max: 60 * dayMs }), { maxLength: 40 });
  fc.assert(
    fc.property(ages, (unsorted) => {
      const items = unsorted.sort((a, b) => a - b).map((age) => item(new Date(midnight - age).toISOString()));
      const groups = groupByDay(items, midnight);
      expect(groups.flatMap((group) => group.items)).toEqual(items);
      const labels = groups.map((group) => group.label);
      expect(new Set(labels).size).toBe(labels.length);
    }),
  );
});

test("an empty list has no groups", () => {
  expect(groupByDay([], midnight)).toEqual([]);
});
