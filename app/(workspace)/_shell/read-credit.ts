import { cache } from "react";
import { db } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { type BillingOverview, readBilling } from "#lib/billing/billing-overview.ts";
import { type Entitlements, entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import { readSubscription, type SubscriptionState } from "#lib/billing/read.ts";
import { now } from "#lib/ground/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";

export type Credit = {
  entitlements: Entitlements;
  /** What can be spent; the month's free credit counts, which is only written down with its first use (M9). */
  availableMicros: number;
  /** What came with the current period, to tell when little of it is left. */
  allowanceMicros: number;
  renewsAt: Date;
  /** An invoice that could not be collected; looked for only where the subscription says that there is one. */
  problem: BillingOverview["problem"];
};

/** What a person may use and has left, read once a request for sidebar and chat. */
export const readCredit = cache(async (identity: Identity): Promise<Credit> => {
  const { workspaceId, workspaceCreatedAt } = identity;
  const at = now();
  const [balance, subscription] = await Promise.all([
    readBalance(db(), workspaceId, at),
    readSubscription(db(), workspaceId),
  ]);
  const entitlements = entitlementsOf(subscription, at);
  const due = freeAllowance(workspaceCreatedAt, at);
  const given =
    entitlements.plan !== "free" || balance.grants.some((grant) => grant.sourceKey === due.sourceKey);
  const allowance = balance.grants.find((grant) => grant.kind === "allowance" || grant.kind === "trial");
  return {
    entitlements,
    availableMicros: balance.availableMicros + (given ? 0 : due.amountMicros),
    allowanceMicros: allowance?.amountMicros ?? due.amountMicros,
    renewsAt: allowance?.expiresAt ?? due.expiresAt,
    problem: isOwing(subscription) ? (await readBilling(db(), identity, at)).problem : null,
  };
});

function isOwing(subscription: SubscriptionState | null): boolean {
  return subscription !== null && ["past_due", "unpaid"].includes(subscription.status);
}
