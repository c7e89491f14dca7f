import { describe, expect, test } from "vitest";
import { summarizeCredit } from "#lib/billing/entitlements/credit-summary.ts";
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
  summarizeCredit(
    { grants, availableMicros, heldMicros: 0, balanceMicros: availableMicros },
    { plan: source === "free" ? "free" : "pro", source },
    createdAt,
    at,
  );

describe("summarizeCredit", () => {
  test("the month's credit includes Free's rest and renews when the plan's allowance expires", () => {
    expect(credit([free, grant({})])).toEqual({
      amountMicros: 15_500_000,
      remainingMicros: 4_100_000,
      renewsAt: planEndsAt,
      beside: null,
      pendingFreeGrant: null,
      availableMicros: 4_100_000,
    });
  });

  test("M9: Free's allowance is counted before its first use grants it", () => {
    expect(credit([], "free")).toMatchObject({
      amountMicros: 500_000,
      remainingMicros: 500_000,
      availableMicros: 500_000,
      renewsAt: freeEndsAt,
    });
    expect(credit([free], "free")).toMatchObject({ amountMicros: 500_000, availableMicros: 100_000 });
  });

  test("M10: the renewal has no date while the month's payment is open", () => {
    expect(credit([free, grace])).toMatchObject({ renewsAt: null, remainingMicros: 1_300_000 });
    expect(credit([])).toMatchObject({ renewsAt: null, amountMicros: 0 });
    expect(credit([grace], "grace")).toMatchObject({ renewsAt: null });
  });

  test("M13: clawed-back grace credit does not count as used", () => {
    const paidGrace = { ...grace, remainingMicros: 0, takenBackMicros: 1_200_000 };
    expect(
      credit([paidGrace, grant({ amountMicros: 14_700_000, remainingMicros: 14_700_000 })]),
    ).toMatchObject({
      amountMicros: 15_000_000,
      remainingMicros: 14_700_000,
    });
  });

  test("M15: top-ups and gifts are listed separately, with the earliest expiry", () => {
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
