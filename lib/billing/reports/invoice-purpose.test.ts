import { expect, test } from "vitest";
import { invoicePurpose, type PurposeLine } from "#lib/billing/reports/invoice-purpose.ts";

const line = (lookupKey: string | null, rest: Partial<PurposeLine> = {}): PurposeLine => ({
  ...{ lookupKey, description: null, isProration: false, amountCents: 1_900 },
  ...rest,
});

test("an invoice is described by what it bills", () => {
  expect(invoicePurpose("subscription_create", [line("pro_month")])).toBe("Pro, monthly");
  expect(invoicePurpose("subscription_cycle", [line("enterprise_year")])).toBe("Enterprise, yearly");
  expect(invoicePurpose("manual", [line("top_up_20")])).toBe("Credit");
});

test("a trial's invoice without a charge is described as the trial", () => {
  expect(invoicePurpose("subscription_create", [line("pro_month", { amountCents: 0 })])).toBe(
    "Trial of Pro, monthly",
  );
});

test("a plan change is described as such, within an interval or to another one", () => {
  const back = line("pro_month", { isProration: true, amountCents: -1_900 });
  const up = line("enterprise_month", { isProration: true });
  expect(invoicePurpose("subscription_update", [back, up])).toBe("Change of plan");
  expect(invoicePurpose("subscription_update", [back, line("pro_year")])).toBe("Change of plan");
  expect(invoicePurpose("manual", [back, up])).toBe("Change of plan");
});

test("overage is mentioned if some was billed, with a plan or alone", () => {
  const used = line("overage_month", { amountCents: 500 });
  expect(invoicePurpose("subscription_cycle", [line("pro_month"), used])).toBe(
    "Pro, monthly and use beyond credit",
  );
  expect(invoicePurpose("subscription_cycle", [used])).toBe("Use beyond credit");
  expect(invoicePurpose("subscription_cycle", [line("pro_month"), { ...used, amountCents: 0 }])).toBe(
    "Pro, monthly",
  );
});

test("a line that is not in our catalog is described by Stripe's text", () => {
  expect(invoicePurpose("manual", [line(null, { description: "Training, one day" })])).toBe(
    "Training, one day",
  );
  expect(invoicePurpose("manual", [])).toBe("Other");
});
