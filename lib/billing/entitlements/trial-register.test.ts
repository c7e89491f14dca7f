import { expect, test } from "vitest";
import { trialEmailHash } from "#lib/billing/entitlements/trial-register.ts";

test.each([
  "Ada.Lovelace@gmail.com",
  "adalovelace@gmail.com",
  "a.d.a.lovelace+parley@googlemail.com",
  " ADALOVELACE+1+2@GMAIL.COM ",
])("M11: %s hashes to the same mailbox as its other spellings", (email) => {
  expect(trialEmailHash(email)).toBe(trialEmailHash("adalovelace@gmail.com"));
});

test("M11: other providers ignore text after a plus and distinguish dots", () => {
  expect(trialEmailHash("ada+1@parley.example")).toBe(trialEmailHash("Ada@parley.example"));
  expect(trialEmailHash("a.da@parley.example")).not.toBe(trialEmailHash("ada@parley.example"));
  expect(trialEmailHash("ada@parley.example")).not.toBe(trialEmailHash("ada@other.example"));
});

test("the register stores a hash that contains no part of the address", () => {
  expect(trialEmailHash("ada@parley.example")).toMatch(/^[0-9a-f]{64}$/);
});
