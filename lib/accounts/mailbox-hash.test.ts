import { expect, test } from "vitest";
import { mailboxHash } from "#lib/accounts/email-address.ts";

test.each([
  "Ada.Lovelace@gmail.com",
  "adalovelace@gmail.com",
  "a.d.a.lovelace+parley@googlemail.com",
  " ADALOVELACE+1+2@GMAIL.COM ",
])("M11: %s hashes to the same mailbox as its other spellings", (email) => {
  expect(mailboxHash(email)).toBe(mailboxHash("adalovelace@gmail.com"));
});

test("M11: other providers ignore text after a plus and distinguish dots", () => {
  expect(mailboxHash("ada+1@parley.example")).toBe(mailboxHash("Ada@parley.example"));
  expect(mailboxHash("a.da@parley.example")).not.toBe(mailboxHash("ada@parley.example"));
  expect(mailboxHash("ada@parley.example")).not.toBe(mailboxHash("ada@other.example"));
});

test("the register stores a hash that contains no part of the address", () => {
  expect(mailboxHash("ada@parley.example")).toMatch(/^[0-9a-f]{64}$/);
});
