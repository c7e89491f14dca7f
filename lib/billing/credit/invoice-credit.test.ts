import { expect, test } from "vitest";
import { creditKeysOf, type LineFacts } from "#lib/billing/credit/invoice-credit.ts";

const invoice = { id: "in_1", subscriptionId: "sub_1", paymentIntentIds: ["pi_1"] };
const line = (given: Partial<LineFacts>): LineFacts => ({
  id: "il_1",
  subscriptionItemId: "si_1",
  lookupKey: "pro_month",
  isProration: false,
  amountCents: 1_900,
  periodStart: new Date("2026-01-31T12:00:00Z"),
  periodEnd: new Date("2026-02-28T12:00:00Z"),
  ...given,
});

test.each([
  [
    "a month",
    line({}),
    ["grace:in_1", "allowance:si_1:2026-01-31T12:00:00.000Z", "upgrade:si_1:in_1", "late:in_1"],
  ],
  ["a trial", line({ amountCents: 0 }), ["trial:sub_1"]],
  ["an upgrade", line({ isProration: true, amountCents: 700 }), ["upgrade:si_1:in_1", "late:in_1"]],
  ["an upgrade's credit", line({ isProration: true, amountCents: -700 }), []],
  ["a top-up", line({ subscriptionItemId: null, lookupKey: "top_up_5" }), ["top_up:pi_1"]],
  ["a price that is not in our catalog", line({ lookupKey: null }), []],
])("the line of %s maps to the source keys of its possible grants", (_name, given, keys) => {
  expect([...creditKeysOf(invoice, [given]).values()]).toEqual([keys]);
});

test("a yearly line maps to twelve months, and no source key appears at two lines", () => {
  const year = line({ lookupKey: "pro_year", amountCents: 19_000 });
  const keys = creditKeysOf(invoice, [
    year,
    line({ id: "il_2", isProration: true, amountCents: 10 }),
    line({ id: "il_3", isProration: true, amountCents: 20 }),
  ]);
  expect(keys.get("il_1")?.filter((key) => key.startsWith("allowance:"))).toHaveLength(12);
  const all = [...keys.values()].flat();
  expect(new Set(all).size).toBe(all.length);
});
