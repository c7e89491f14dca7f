import { expect, test } from "vitest";
import { offersFor } from "#app/(workspace)/chat/_composer/_upgrade/offers-for.ts";
import type { PlanId } from "#lib/billing/catalog/plans.ts";

const keys = (reason: Parameters<typeof offersFor>[0], plan: PlanId) =>
  offersFor(reason, plan).map(({ price }) => price.lookupKey);
const needs = (planName: string) => ({ kind: "model" as const, model: { label: "M", planName } });

test("a model is offered with the lowest plan that opens it first, and higher ones", () => {
  expect(keys(needs("Pro"), "free")).toEqual([
    "pro_month",
    "pro_year",
    "enterprise_month",
    "enterprise_year",
  ]);
  expect(keys(needs("Enterprise"), "pro")).toEqual(["enterprise_month", "enterprise_year"]);
});

test("missing credit is met with the plans above the current one, and none above the highest", () => {
  expect(keys({ kind: "credit" }, "pro")).toEqual(["enterprise_month", "enterprise_year"]);
  expect(keys({ kind: "credit" }, "enterprise")).toEqual([]);
});
