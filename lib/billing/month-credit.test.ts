import { describe, expect, test } from "vitest";
import { monthCreditOf } from "#lib/billing/month-credit.ts";
import type { Balance } from "#lib/usage/balance.ts";

const at = new Date("2026-03-10T12:00:00Z");
const createdAt = new Date("2026-01-31T12:00:00Z");
const freeEndsAt = new Date("2026-03-31T12:00:00Z");
const planEndsAt = new Date("2026-04-02T12:00:00Z");

type Grant = Balance["grants"][number];
const grant = (given: Partial<Grant>): Grant => ({
  kind: "allowance",
  amountMicros: 15_000_000,
  remainingMicros: 4_000_000,
  takenBackMicros: 0,
  startsAt: new Date("2026-03-02T12:00:00Z"),
  expiresAt: planEndsAt,
  sourceKey: "allowance:si_1:2026-03-02T12:00:00.000Z",
  ...given,
});
const free = grant({
  sourceKey: "free:2026-02-28T12:00:00.000Z",
  amountMicros: 500_000,
  remainingMicros: 100_000,
  expiresAt: freeEndsAt,
});
const grace = grant({
  kind: "grace",
  sourceKey: "grace:in_2",
  amountMicros: 1_500_000,
  remainingMicros: 1_200_000,
  expiresAt: new Date("2026-03-11T12:00:00Z"),
});

const credit = (
  grants: Grant[],
  source: "free" | "subscription" | "trial" | "grace" = "subscription",
  availableMicros = grants.reduce((sum, { remainingMicros }) => sum + remainingMicros, 0),
) =>
  monthCreditOf(
    { grants, availableMicros, heldMicros: 0, balanceMicros: availableMicros },
    { plan: source === "free" ? "free" : "pro", source },
    createdAt,
    at,
  );

describe("the month's credit", () => {
  test("is the plan's, and comes anew when the plan's ends", () => {
    expect(credit([free, grant({})])).toEqual({
      amountMicros: 15_500_000,
      remainingMicros: 4_100_000,
      renewsAt: planEndsAt,
      beside: null,
      freeDue: null,
      availableMicros: 4_100_000,
    });
  });

  test("M9: Free's is counted before its first use, which is when it is granted", () => {
    expect(credit([], "free")).toMatchObject({
      amountMicros: 500_000,
      remainingMicros: 500_000,
      availableMicros: 500_000,
      renewsAt: freeEndsAt,
    });
    expect(credit([free], "free")).toMatchObject({ amountMicros: 500_000, availableMicros: 100_000 });
  });

  test("M10: has no date while the month's payment is on its way, whatever Free or a grace still holds", () => {
    expect(credit([free, grace])).toMatchObject({ renewsAt: null, remainingMicros: 1_300_000 });
    expect(credit([])).toMatchObject({ renewsAt: null, amountMicros: 0 });
    expect(credit([grace], "grace")).toMatchObject({ renewsAt: null });
  });

  test("M13: what was taken back of a grace once it was paid was not used", () => {
    const mended = { ...grace, remainingMicros: 0, takenBackMicros: 1_200_000 };
    expect(credit([mended, grant({ amountMicros: 14_700_000, remainingMicros: 14_700_000 })])).toMatchObject({
      amountMicros: 15_000_000,
      remainingMicros: 14_700_000,
    });
  });

  test("M15: what was bought stays beside it, until the first of it expires", () => {
    const first = grant({ kind: "top_up", sourceKey: "top_up:pi_1", remainingMicros: 5_000_000 });
    const second = grant({ kind: "manual", sourceKey: "manual:1", remainingMicros: 2_000_000 });
    const later = new Date("2027-03-02T12:00:00Z");
    const used = grant({ kind: "top_up", sourceKey: "top_up:pi_0", remainingMicros: 0, expiresAt: at });
    expect(
      credit([grant({}), { ...second, expiresAt: later }, { ...first, expiresAt: planEndsAt }, used]),
    ).toMatchObject({
      amountMicros: 15_000_000,
      beside: { remainingMicros: 7_000_000, expiresAt: planEndsAt },
    });
  });
});
