import { expect, test } from "vitest";
import { findCheckoutOffer, proTrial } from "#lib/billing/catalog/trial-offer.ts";

test("the trial is an offer of Pro monthly with its own lookup key", () => {
  expect(findCheckoutOffer("pro_trial")).toMatchObject({
    trialDays: 14,
    offer: { price: { lookupKey: "pro_month" } },
  });
  expect(findCheckoutOffer("pro_month")).toMatchObject({ trialDays: null });
  expect(findCheckoutOffer("top_up_5")).toBeUndefined();
  expect(proTrial.creditMicros).toBe(5_000_000);
});
