import fc from "fast-check";
import { expect, test } from "vitest";
import { sameSecret } from "#lib/core/secrets/same-secret.ts";

test("sameSecret is true only for equal secrets, whatever their lengths", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(sameSecret(one, one)).toBe(true);
      expect(sameSecret(one, other)).toBe(one === other);
    }),
  );
});
