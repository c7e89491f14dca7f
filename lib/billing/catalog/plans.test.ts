import { expect, test } from "vitest";
import { findOffer, offers, planList, planRank, plans } from "#lib/billing/catalog/plans.ts";

test("each plan opens the gates of all lower plans and its own", () => {
  expect(planList.map(({ gates }) => gates)).toEqual([
    ["free"],
    ["free", "pro"],
    ["free", "pro", "enterprise"],
  ]);
});

test("lookup keys and prices derive from the plan and the interval", () => {
  expect(offers.map(({ price }) => price)).toEqual([
    { lookupKey: "pro_month", cents: 1_900 },
    { lookupKey: "pro_year", cents: 19_000 },
    { lookupKey: "enterprise_month", cents: 9_900 },
    { lookupKey: "enterprise_year", cents: 99_000 },
  ]);
  expect(findOffer("pro_year")).toMatchObject({ plan: plans.pro, interval: "year" });
});

test("a higher plan has a higher rank, and a price of no plan has none", () => {
  expect(planRank("enterprise_month")).toBeGreaterThan(planRank("pro_year"));
  expect(planRank("pro_month")).toBeGreaterThan(planRank("overage_month"));
  expect([planRank("top_up_5"), planRank(null)]).toEqual([-1, -1]);
});

test("exactly one plan is highlighted, and only Free is not sold", () => {
  expect(planList.filter(({ isHighlighted }) => isHighlighted)).toEqual([plans.pro]);
  expect(planList.filter(({ isPaid }) => !isPaid)).toEqual([plans.free]);
});
