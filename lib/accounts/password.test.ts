import { hashSync } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { hashPassword, needsRehash, passwordSchema, verifyPassword } from "#lib/accounts/password.ts";

test("verifyPassword accepts only the hashed password", async () => {
  const hash = await hashPassword("correct horse");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await verifyPassword(hash, "correct horse")).toBe(true);
  expect(await verifyPassword(hash, "correct horse ")).toBe(false);
});

test("two hashes of the same password differ", async () => {
  const [left, right] = [await hashPassword("same"), await hashPassword("same")];
  expect(left.split("$").at(-2)).not.toBe(right.split("$").at(-2));
});

test("verifyPassword returns false without a hash", async () => {
  expect(await verifyPassword(null, "anything")).toBe(false);
});

test("needsRehash is true only for other costs", async () => {
  expect(needsRehash(await hashPassword("x"))).toBe(false);
  expect(needsRehash(hashSync("x", { memoryCost: 4_096, timeCost: 1, parallelism: 1 }))).toBe(true);
});

test("passwordSchema limits the length and allows any characters", () => {
  expect(passwordSchema.safeParse("too short").error?.issues[0]).toMatchObject({
    code: "too_small",
    minimum: 10,
  });
  expect(passwordSchema.safeParse("x".repeat(201)).success).toBe(false);
  expect(passwordSchema.safeParse("пароль из слов").success).toBe(true);
});
