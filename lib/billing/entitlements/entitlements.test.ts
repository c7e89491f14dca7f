import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runningStatuses } from "#lib/billing/customer/subscription-statuses.ts";
import {
  type Entitlements,
  entitlementsOf,
  freeAllowance,
  graceMs,
} from "#lib/billing/entitlements/entitlements.ts";
import type { SubscriptionState } from "#lib/billing/entitlements/subscription-state.ts";
import { addMonths } from "#lib/core/clock.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 31, 12);
const end = Date.UTC(2026, 1, 28, 12);
const during = new Date(start + 10 * dayMs);

const subscription = (given: Partial<SubscriptionState> = {}): SubscriptionState => ({
  id: "sub_1",
  status: "active",
  lookupKey: "pro_month",
  cancelAtPeriodEnd: false,
  cancelAtMs: null,
  trialEndsAtMs: null,
  pastDueSinceMs: null,
  periodStartMs: start,
  periodEndMs: end,
  ...given,
});
const at = (given: Partial<SubscriptionState>, moment: Date | number): Entitlements =>
  entitlementsOf(subscription(given), new Date(moment));

describe("entitlementsOf", () => {
  test("a workspace without a subscription is on Free without an end", () => {
    expect(entitlementsOf(null, during)).toEqual({
      plan: "free",
      source: "free",
      endsAt: null,
      requestsPerMinute: 60,
      gates: ["free"],
    });
  });

  test("M14: a plan canceled at the period's end stays until that moment and not longer", () => {
    const canceled = { cancelAtPeriodEnd: true };
    expect(at(canceled, end - 1)).toMatchObject({ plan: "pro", endsAt: new Date(end) });
    expect(at(canceled, end)).toMatchObject({ plan: "free", endsAt: null });
  });

  test("M14: a cancellation date set in the portal works like the period's end", () => {
    const canceled = { cancelAtMs: end - 5 * dayMs };
    expect(at(canceled, end - 5 * dayMs - 1)).toMatchObject({
      plan: "pro",
      endsAt: new Date(end - 5 * dayMs),
    });
    expect(at(canceled, end - 5 * dayMs)).toMatchObject({ plan: "free" });
  });

  test("M13: the grace period ends after three days, or at an earlier cancellation", () => {
    const failedAt = end + dayMs;
    const failed = { status: "past_due", pastDueSinceMs: failedAt };
    expect(at(failed, failedAt + graceMs - 1)).toMatchObject({
      source: "grace",
      endsAt: new Date(failedAt + graceMs),
    });
    expect(at(failed, failedAt + graceMs)).toMatchObject({ plan: "free" });
    expect(at({ ...failed, cancelAtMs: failedAt + dayMs }, failedAt + dayMs)).toMatchObject({ plan: "free" });
  });

  test("a trial continues after its end while the event is late, but no longer than the grace period", () => {
    const trial = { status: "trialing", trialEndsAtMs: end };
    expect(at(trial, end + dayMs)).toMatchObject({ plan: "pro", source: "trial" });
    expect(at(trial, end + graceMs)).toMatchObject({ plan: "free" });
  });

  test("higher plans open the gates of all lower plans", () => {
    expect(at({ lookupKey: "pro_year" }, during).gates).toEqual(["free", "pro"]);
    expect(at({ lookupKey: "enterprise_month" }, during).gates).toEqual(["free", "pro", "enterprise"]);
  });
});

const maybeMs = fc.option(fc.integer({ min: start - 90 * dayMs, max: end + 90 * dayMs }), { nil: null });
const anySubscription = fc.record<SubscriptionState>({
  id: fc.constant("sub_1"),
  status: fc.constantFrom(
    "active",
    "trialing",
    "past_due",
    "unpaid",
    "incomplete",
    "paused",
    "canceled",
    "new",
  ),
  lookupKey: fc.constantFrom("pro_month", "pro_year", "enterprise_month", "unknown", null),
  cancelAtPeriodEnd: fc.boolean(),
  cancelAtMs: maybeMs,
  trialEndsAtMs: maybeMs,
  pastDueSinceMs: maybeMs,
  periodStartMs: maybeMs,
  periodEndMs: maybeMs,
});
const moment = fc.integer({ min: start - 90 * dayMs, max: end + 90 * dayMs });

describe("for every subscription and moment", () => {
  test("an ended entitlement does not return without a new state from Stripe", () => {
    fc.assert(
      fc.property(anySubscription, moment, fc.integer({ min: 0, max: 90 * dayMs }), (state, now, laterMs) => {
        fc.pre(entitlementsOf(state, new Date(now)).plan === "free");
        expect(entitlementsOf(state, new Date(now + laterMs)).plan).toBe("free");
      }),
    );
  });

  test("entitlements end exactly at endsAt", () => {
    fc.assert(
      fc.property(anySubscription, moment, (state, now) => {
        const { source, endsAt } = entitlementsOf(state, new Date(now));
        if (source === "free") expect(endsAt).toBeNull();
        if (endsAt === null || source === "trial") return;
        expect(endsAt.getTime()).toBeGreaterThan(now);
        expect(entitlementsOf(state, new Date(endsAt.getTime() - 1)).source).toBe(source);
        expect(entitlementsOf(state, endsAt).source).toBe("free");
      }),
    );
  });

  test("only active, trialing and past due subscriptions give more than Free", () => {
    fc.assert(
      fc.property(anySubscription, moment, (state, now) => {
        const { plan } = entitlementsOf(state, new Date(now));
        if (!runningStatuses.has(state.status)) expect(plan).toBe("free");
      }),
    );
  });
});

describe("M9: Free's allowance", () => {
  const created = new Date("2026-01-31T08:00:00Z");

  test("Free grants 0.50 USD for a month anchored to the workspace's creation, clamped in short months", () => {
    expect(freeAllowance(created, new Date("2026-03-01T00:00:00Z"))).toEqual({
      kind: "allowance",
      amountMicros: 500_000,
      startsAt: new Date("2026-02-28T08:00:00Z"),
      expiresAt: new Date("2026-03-31T08:00:00Z"),
      sourceKey: "free:2026-02-28T08:00:00.000Z",
    });
  });

  test("Free's allowance has one source key per month, so it is granted at most once", () => {
    const anchor = fc.date({ noInvalidDate: true, min: new Date("2020-01-01"), max: new Date("2030-01-01") });
    const offsets = fc.array(fc.integer({ min: 0, max: 12 * 31 * dayMs }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(anchor, offsets, (workspaceCreatedAt, offsetsMs) => {
        const grants = offsetsMs.map((ms) =>
          freeAllowance(workspaceCreatedAt, new Date(workspaceCreatedAt.getTime() + ms)),
        );
        const months = new Set(grants.map((grant) => grant.startsAt.getTime()));
        expect(new Set(grants.map((grant) => grant.sourceKey)).size).toBe(months.size);
        expect(months.size).toBeLessThanOrEqual(13);
        for (const grant of grants)
          for (const other of grants)
            if (grant.sourceKey !== other.sourceKey)
              expect(grant.startsAt >= other.expiresAt || other.startsAt >= grant.expiresAt).toBe(true);
      }),
    );
  });

  test("Free's first month starts with the workspace", () => {
    expect(freeAllowance(created, created).startsAt).toEqual(created);
    expect(freeAllowance(created, created).expiresAt).toEqual(addMonths(created, 1));
  });
});
