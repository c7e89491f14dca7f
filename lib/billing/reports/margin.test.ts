import { expect, test } from "vitest";
import { marginOf } from "#lib/billing/reports/margin.ts";

test("M8: margin is payments less refunds, disputes and model cost", () => {
  expect(marginOf({ paidCents: 1_900, returnedCents: 475, costMicros: 3_000_001 })).toBe(11_249_999);
  expect(marginOf({ paidCents: 0, returnedCents: 0, costMicros: 400_000 })).toBe(-400_000);
});
