import { hashSync } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { hashPassword, needsRehash, passwordSchema, verifyPassword } from "#lib/accounts/password.ts";

test("a password fits its own hash and no other does", async () => {
  const hash = await hashPassword("correct horse");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(hash, "correct horse")).toBe(true);
  expect(await verifyPassword(hash, "correct horse ")).toBe(false);
});

test("two hashes of one password have nothing in common", async () => {
  const [left, right] = [await hashPassword("same"), await hashPassword("same")];
  expect(left.split("$").at(-2)).not.toBe(right.split("$").at(-2));
});

test("without a hash nothing fits", async () => {
  expect(await verifyPassword(null, "anything")).toBe(false);
});

test("only a hash of another cost is made again", async () => {
  expect(needsRehash(await hashPassword("x"))).toBe(false);
  expect(needsRehash(hashSync("x", { memoryCost: 4_096, timeCost: 1, parallelism: 1 }))).toBe(true);
});

test("a short or endless password is refused in words, any letters are fine", () => {
  expect(passwordSchema.safeParse("too short").error?.issues[0]?.message).toBe("Use at least 10 characters.");
  expect(passwordSchema.safeParse("x".repeat(201)).success).toBe(false);
  expect(passwordSchema.safeParse("пароль из слов").success).toBe(true);
});
