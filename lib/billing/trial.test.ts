import { expect, test } from "vitest";
import { findSale, proTrial, trialAddressHash } from "#lib/billing/trial.ts";

test.each([
  "Ada.Lovelace@gmail.com",
  "adalovelace@gmail.com",
  "a.d.a.lovelace+parley@googlemail.com",
  " ADALOVELACE+1+2@GMAIL.COM ",
])("M11: %s is one mailbox with the others", (email) => {
  expect(trialAddressHash(email)).toBe(trialAddressHash("adalovelace@gmail.com"));
});

test("M11: elsewhere what follows a plus is the same mailbox, and dots tell people apart", () => {
  expect(trialAddressHash("ada+1@parley.example")).toBe(trialAddressHash("Ada@parley.example"));
  expect(trialAddressHash("a.da@parley.example")).not.toBe(trialAddressHash("ada@parley.example"));
  expect(trialAddressHash("ada@parley.example")).not.toBe(trialAddressHash("ada@other.example"));
});

test("the register holds a hash, and no part of an address", () => {
  expect(trialAddressHash("ada@parley.example")).toMatch(/^[0-9a-f]{64}$/);
});

test("the trial is of Pro by the month, and is not the plan itself", () => {
  expect(findSale("pro_trial")).toMatchObject({
    trialDays: 14,
    offer: { price: { lookupKey: "pro_month" } },
  });
  expect(findSale("pro_month")).toMatchObject({ trialDays: null });
  expect(findSale("top_up_5")).toBeUndefined();
  expect(proTrial.creditMicros).toBe(5_000_000);
});
