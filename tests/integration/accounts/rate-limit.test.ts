import { afterAll, beforeAll, expect, test } from "vitest";
import { takeToken } from "#lib/accounts/rate-limit.ts";
import { createTestDatabase, type TestDatabase } from "#tests/database.ts";

const at = new Date("2026-10-01T12:00:00Z");
const bucket = { capacity: 10, refillPerMinute: 60 };
let database: TestDatabase;
const statements: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase((text) => statements.push(text));
});
afterAll(() => database.drop());

function later(ms: number): Date {
  return new Date(at.getTime() + ms);
}

test("100 concurrent calls take exactly the capacity of the bucket", async () => {
  const taken = await Promise.all(
    Array.from({ length: 100 }, () => takeToken(database.db, "parallel", bucket, at)),
  );
  expect(taken.filter(({ ok }) => ok)).toHaveLength(10);
});

test("takeToken sends one statement", async () => {
  statements.length = 0;
  await takeToken(database.db, "statement", bucket, at);
  expect(statements).toHaveLength(1);
});

test("takeToken returns the remaining tokens, and the wait time if the bucket is empty", async () => {
  const slow = { capacity: 2, refillPerMinute: 0.5 };
  const take = (ms: number) => takeToken(database.db, "told", slow, later(ms));
  expect(await take(0)).toEqual({ ok: true, retryAfterSeconds: 0, remaining: 1 });
  expect(await take(0)).toEqual({ ok: true, retryAfterSeconds: 0, remaining: 0 });
  expect(await take(30_000)).toEqual({ ok: false, retryAfterSeconds: 90, remaining: 0 });
  expect(await take(119_999)).toEqual({ ok: false, retryAfterSeconds: 1, remaining: 0 });
  expect(await take(120_000)).toEqual({ ok: true, retryAfterSeconds: 0, remaining: 0 });
  expect(await take(120_001)).toMatchObject({ ok: false, retryAfterSeconds: 120 });
});

test("calls on an empty bucket do not delay the next token", async () => {
  const one = { capacity: 1, refillPerMinute: 60 };
  await takeToken(database.db, "eager", one, at);
  for (let ms = 100; ms < 1_000; ms += 100)
    expect((await takeToken(database.db, "eager", one, later(ms))).ok).toBe(false);
  expect((await takeToken(database.db, "eager", one, later(1_000))).ok).toBe(true);
});

test("a bucket never exceeds its capacity, however long it was unused", async () => {
  await takeToken(database.db, "idle", bucket, at);
  const day = later(86_400_000);
  const taken = [];
  for (let count = 0; count < 12; count++) taken.push(await takeToken(database.db, "idle", bucket, day));
  expect(taken.filter(({ ok }) => ok)).toHaveLength(10);
});

test("a clock that runs behind neither adds nor removes tokens", async () => {
  const one = { capacity: 2, refillPerMinute: 60 };
  await takeToken(database.db, "clocks", one, later(5_000));
  expect((await takeToken(database.db, "clocks", one, later(0))).ok).toBe(true);
  expect((await takeToken(database.db, "clocks", one, later(0))).ok).toBe(false);
  expect((await takeToken(database.db, "clocks", one, later(6_000))).ok).toBe(true);
});

test("each key has its own bucket", async () => {
  const one = { capacity: 1, refillPerMinute: 1 };
  expect((await takeToken(database.db, "left", one, at)).ok).toBe(true);
  expect((await takeToken(database.db, "right", one, at)).ok).toBe(true);
});
