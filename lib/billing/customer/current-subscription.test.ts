import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Candidate,
  findCurrent,
  findMainItem,
  findPlanItem,
} from "#lib/billing/customer/current-subscription.ts";

const candidate = (given: Partial<Candidate> = {}): Candidate => ({
  id: "sub_1",
  status: "active",
  createdAtMs: 1_000,
  items: [{ id: "si_1", lookupKey: "pro_month" }],
  ...given,
});
const item = (id: string, lookupKey: string | null) => ({ id, lookupKey });

describe("findCurrent", () => {
  test("returns null without subscriptions", () => {
    expect(findCurrent([])).toBeNull();
  });

  test.each([
    ["active before past due", "active", "past_due"],
    ["trialing before past due", "trialing", "past_due"],
    ["past due before unpaid", "past_due", "unpaid"],
    ["incomplete before canceled", "incomplete", "canceled"],
    ["paused before expired", "paused", "incomplete_expired"],
    ["an unknown status before canceled", "hibernating", "canceled"],
  ])("ranks %s, even if the other is newer and of a higher plan", (_name, better, worse) => {
    const first = candidate({ id: "sub_a", status: better });
    const second = candidate({
      ...{ id: "sub_b", status: worse, createdAtMs: 2_000 },
      items: [item("si_2", "enterprise_year")],
    });
    expect(findCurrent([second, first])).toBe(first);
  });

  test("ranks the higher plan before the newer subscription", () => {
    const higher = candidate({ id: "sub_a", items: [item("si_a", "enterprise_month")] });
    const newer = candidate({ id: "sub_b", createdAtMs: 2_000 });
    expect(findCurrent([newer, higher])).toBe(higher);
  });

  test("ranks a subscription with a plan of ours before a newer one without", () => {
    const ours = candidate({ id: "sub_a" });
    const other = candidate({ id: "sub_b", createdAtMs: 2_000, items: [item("si_b", null)] });
    expect(findCurrent([other, ours])).toBe(ours);
  });

  test("ranks the newer of two equal subscriptions first, then the smaller id", () => {
    const newer = candidate({ id: "sub_b", createdAtMs: 2_000 });
    expect(findCurrent([candidate(), newer])).toBe(newer);
    const twin = candidate({ id: "sub_0" });
    expect(findCurrent([candidate(), twin])).toBe(twin);
  });
});

describe("findPlanItem", () => {
  test("finds the plan's item, whatever other items are beside it and in whatever order", () => {
    const plan = item("si_5", "pro_month");
    const others = [item("si_1", "overage_month"), item("si_2", null), item("si_3", "somebody_elses")];
    expect(findPlanItem([...others, plan])).toBe(plan);
    expect(findPlanItem([plan, ...others])).toBe(plan);
    expect(findPlanItem(others)).toBeUndefined();
  });

  test("prefers the higher plan of two", () => {
    expect(findPlanItem([item("si_1", "pro_year"), item("si_2", "enterprise_month")])?.id).toBe("si_2");
  });
});

test("findMainItem falls back to the first item that does not bill overage", () => {
  const others = [item("si_1", "overage_month"), item("si_3", "somebody_elses"), item("si_2", null)];
  expect(findMainItem(others)?.id).toBe("si_2");
  expect(findMainItem([...others, item("si_9", "pro_month")])?.id).toBe("si_9");
  expect(findMainItem([item("si_1", "overage_month")])).toBeUndefined();
});

const anyItem = fc.record({
  id: fc.constantFrom("si_1", "si_2", "si_3", "si_4"),
  lookupKey: fc.constantFrom("pro_month", "pro_year", "enterprise_month", "overage_month", "unknown", null),
});
const anyCandidate = fc.record<Candidate>({
  id: fc.constantFrom("sub_1", "sub_2", "sub_3", "sub_4", "sub_5"),
  status: fc.constantFrom("active", "trialing", "past_due", "unpaid", "incomplete", "canceled", "new"),
  createdAtMs: fc.integer({ min: 0, max: 3 }),
  items: fc.uniqueArray(anyItem, { maxLength: 4, selector: ({ id }) => id }),
});
const anyCandidates = fc.uniqueArray(anyCandidate, { minLength: 1, maxLength: 5, selector: ({ id }) => id });

test("the choice does not depend on the order of subscriptions or items", () => {
  const shuffled = anyCandidates.chain((candidates) =>
    fc.record({
      candidates: fc.constant(candidates),
      order: fc.shuffledSubarray(candidates, { minLength: candidates.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ candidates, order }) => {
      const reversedItems = order.map((each) => ({ ...each, items: each.items.toReversed() }));
      const current = findCurrent(candidates);
      const other = findCurrent(reversedItems);
      expect(other?.id).toBe(current?.id);
      expect(findMainItem(other?.items ?? [])).toEqual(findMainItem(current?.items ?? []));
    }),
  );
});

test("a subscription in good standing is never passed over for one that is not", () => {
  const isGood = ({ status }: Candidate) => status === "active" || status === "trialing";
  fc.assert(
    fc.property(anyCandidates, (candidates) => {
      const current = findCurrent(candidates);
      const isOurs = ({ items }: Candidate) => findPlanItem(items) !== undefined;
      if (candidates.some((each) => isGood(each) && isOurs(each)))
        expect(current !== null && isGood(current)).toBe(true);
      expect(current === null).toBe(!candidates.some(isOurs));
    }),
  );
});
