import fc from "fast-check";
import { expect, test } from "vitest";
import { newId, newSecret } from "#lib/core/ids.ts";

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("newId returns a version 7 UUID that starts with its timestamp", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (atMs) => {
      const id = newId(atMs);
      expect(id).toMatch(version7);
      expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(atMs);
    }),
  );
});

test("ids sort by creation time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 46 }), fc.integer({ min: 1, max: 2 ** 40 }), (atMs, later) => {
      expect(newId(atMs) < newId(atMs + later)).toBe(true);
    }),
  );
});

test("ids and secrets are unique", () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId(1))).size).toBe(10_000);
  expect(new Set(Array.from({ length: 1_000 }, () => newSecret())).size).toBe(1_000);
  expect(newSecret(32)).toMatch(/^[\w-]{43}$/);
});
