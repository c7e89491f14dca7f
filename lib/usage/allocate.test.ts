import fc from "fast-check";
import { expect, it } from "vitest";
import { allocate, type OpenGrant } from "#lib/usage/allocate.ts";

const grant = (over: Partial<OpenGrant>): OpenGrant => ({
  id: "a",
  kind: "allowance",
  remainingMicros: 10,
  expiresAtMs: 100,
  createdAtMs: 1,
  expired: false,
  ...over,
});

const anyGrants = fc.uniqueArray(
  fc.record({
    id: fc.uuid(),
    kind: fc.constantFrom("allowance", "top_up", "manual"),
    remainingMicros: fc.integer({ min: -50, max: 200 }),
    expiresAtMs: fc.nat(1_000),
    createdAtMs: fc.nat(1_000),
    expired: fc.boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 8 },
);

it("M3: what expires first is drawn first, top-ups last, and what has ended before all", () => {
  const grants = [
    grant({ id: "top-up", kind: "top_up", expiresAtMs: 10 }),
    grant({ id: "late", expiresAtMs: 300 }),
    grant({ id: "soon", expiresAtMs: 200 }),
    grant({ id: "ended", kind: "top_up", expiresAtMs: 5, expired: true }),
  ];
  const { draws } = allocate(grants, 40, 40, 0);
  expect(draws.map(({ grantId }) => grantId)).toEqual(["ended", "soon", "late", "top-up"]);
});

it("M7: beyond its hold an answer takes what is free, and the rest is our loss", () => {
  const result = allocate([grant({ remainingMicros: 100 })], 90, 50, 20);
  expect(result).toEqual({ draws: [{ grantId: "a", micros: 70 }], coveredMicros: 70, lossMicros: 20 });
});

it("M4: draws are positive, within what each grant has left, and sum to what is covered; nothing is lost or made", () => {
  fc.assert(
    fc.property(
      anyGrants,
      fc.nat(500),
      fc.nat(300),
      fc.integer({ min: -100, max: 300 }),
      (grants, charge, hold, free) => {
        const { draws, coveredMicros, lossMicros } = allocate(grants, charge, hold, free);
        expect(coveredMicros + lossMicros).toBe(charge);
        expect(draws.reduce((sum, draw) => sum + draw.micros, 0)).toBe(coveredMicros);
        expect(coveredMicros).toBeLessThanOrEqual(hold + Math.max(0, free));
        for (const { grantId, micros } of draws) {
          expect(micros).toBeGreaterThan(0);
          expect(micros).toBeLessThanOrEqual(grants.find(({ id }) => id === grantId)?.remainingMicros ?? 0);
        }
      },
    ),
  );
});
