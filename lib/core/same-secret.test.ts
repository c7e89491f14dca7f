import fc from "fast-check";
import { expect, test } from "vitest";
import { sameSecret } from "#lib/core/same-secret.ts";

test("a secret is the same as itself and as no other, of whatever length", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(sameSecret(one, one)).toBe(true);
      expect(sameSecret(one, other)).toBe(one === other);
    }),
  );
});
