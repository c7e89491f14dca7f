import { expect, test } from "vitest";
import { currentSubscription, type SubscriptionRow } from "#lib/billing/entitlements/subscription-state.ts";

const row = (given: Partial<SubscriptionRow> = {}): SubscriptionRow => ({
  id: "sub_1",
  status: "active",
  cancelAtPeriodEnd: false,
  cancelAtMs: null,
  trialEndsAtMs: null,
  pastDueSinceMs: null,
  createdAtMs: 1_000,
  items: [{ id: "si_1", lookupKey: "pro_month", periodStartMs: 10, periodEndMs: 20 }],
  ...given,
});

test("a workspace without subscriptions has no current one", () => {
  expect(currentSubscription([])).toBeNull();
});

test("the state has the period of the plan's item, not that of the overage item", () => {
  const overage = { id: "si_0", lookupKey: "overage_month", periodStartMs: 1, periodEndMs: 2 };
  const state = currentSubscription([row({ items: [overage, ...row().items] })]);
  expect(state).toEqual({
    ...{ id: "sub_1", status: "active", lookupKey: "pro_month", cancelAtPeriodEnd: false },
    ...{ cancelAtMs: null, trialEndsAtMs: null, pastDueSinceMs: null, periodStartMs: 10, periodEndMs: 20 },
  });
});

test("a subscription without a plan of ours does not count", () => {
  expect(currentSubscription([row({ items: [] })])).toBeNull();
});

test("a running subscription counts before a newer one that has ended", () => {
  const ended = row({ id: "sub_2", status: "canceled", createdAtMs: 2_000 });
  expect(currentSubscription([ended, row({ status: "past_due" })])?.id).toBe("sub_1");
});
