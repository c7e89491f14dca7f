import { expect, test } from "vitest";
import { addressDigest, emailSchema, nameFromAddress } from "#lib/accounts/email-address.ts";

test("emailSchema normalizes case and whitespace", () => {
  expect(emailSchema.parse("  Ada.Lovelace@Person.EXAMPLE ")).toBe("ada.lovelace@person.example");
});

test.each([
  "ada",
  "ada@",
  "@person.example",
  "ada@person",
  "a b@person.example",
  `${"a".repeat(260)}@x.example`,
])("the address %s is rejected with a message", (text) => {
  const [issue] = emailSchema.safeParse(text).error?.issues ?? [];
  expect(issue?.code === "too_big" || issue?.message === "emailInvalid").toBe(true);
});

test.each([
  ["ada@person.example", "Ada"],
  ["ada.lovelace+parley@person.example", "Ada Lovelace"],
  ["grace_hopper-navy@person.example", "Grace Hopper Navy"],
  ["+@person.example", "+@person.example"],
])("%s is greeted as %s", (email, name) => expect(nameFromAddress(email)).toBe(name));

test("addressDigest is stable and does not contain the address", () => {
  expect(addressDigest("ada@person.example")).toMatch(/^[\w-]{22}$/);
  expect(addressDigest("ada@person.example")).toBe(addressDigest("ada@person.example"));
  expect(addressDigest("ada@person.example")).not.toBe(addressDigest("bob@person.example"));
});
