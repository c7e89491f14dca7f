import { cache } from "react";
import { db } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { type CreditSummary, summarizeCredit } from "#lib/billing/entitlements/credit-summary.ts";
import { type Entitlements, entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription, type SubscriptionState } from "#lib/billing/entitlements/subscription-state.ts";
import { type BillingOverview, readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { now } from "#lib/core/clock.ts";
import { type Balance, readBalance } from "#lib/usage/balance.ts";

export type Credit = {
  subscription: SubscriptionState | null;
  balance: Balance;
  entitlements: Entitlements;
  month: CreditSummary;
  /** An invoice that could not be collected; looked for only where the subscription says that there is one. */
  problem: BillingOverview["problem"];
};

/** What a person may use and has left, read once a request for all that shows it. */
export const readCredit = cache(async (identity: Identity): Promise<Credit> => {
  const { workspaceId, workspaceCreatedAt } = identity;
  const at = now();
  const [balance, subscription] = await Promise.all([
    readBalance(db(), workspaceId, at),
    readSubscription(db(), workspaceId),
  ]);
  const entitlements = entitlementsOf(subscription, at);
  return {
    subscription,
    balance,
    entitlements,
    month: summarizeCredit(balance, entitlements, workspaceCreatedAt, at),
    problem: isOwing(subscription) ? (await readBillingOverview(db(), identity, at)).problem : null,
  };
});

function isOwing(subscription: SubscriptionState | null): boolean {
  return subscription !== null && ["past_due", "unpaid"].includes(subscription.status);
}
