import { cache } from "react";
import { db } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import { type OverageStatus, readOverageStatus } from "#lib/billing/credit/overage-status.ts";
import { isOverdue } from "#lib/billing/customer/subscription-statuses.ts";
import { type CreditSummary, summarizeCredit } from "#lib/billing/entitlements/credit-summary.ts";
import { type Entitlements, entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { readSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import { readTrialAvailability } from "#lib/billing/entitlements/trial-availability.ts";
import { type BillingOverview, readBillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { readPaymentDetails } from "#lib/billing/reports/payment-details.ts";
import { now } from "#lib/core/clock.ts";
import { readBalance } from "#lib/usage/balance.ts";
import { readOverageWindow } from "#lib/usage/overage.ts";

/*
 * Facts about the signed-in user's workspace. Layout, page and notices of one request share them: each is
 * read once per request. The identity must be the one of `requireUser` or `currentIdentity`, which is itself
 * cached.
 */

/** The time of the request. All facts are those of this moment. */
export const requestTime = cache((): Date => now());

export const loadSubscription = cache((identity: Identity) => readSubscription(db(), identity.workspaceId));

export const loadBalance = cache((identity: Identity) =>
  readBalance(db(), identity.workspaceId, requestTime()),
);

export const loadOverageWindow = cache((identity: Identity) =>
  readOverageWindow(db(), identity.workspaceId, requestTime()),
);

/** The card and the billing details. */
export const loadPaymentDetails = cache((identity: Identity) =>
  readPaymentDetails(db(), identity.workspaceId, requestTime()),
);

export const loadEntitlements = cache(
  async (identity: Identity): Promise<Entitlements> =>
    entitlementsOf(await loadSubscription(identity), requestTime()),
);

function toFreeCreditTerms({ emailVerifiedAt, freeCreditFrom }: Identity) {
  return { emailConfirmed: emailVerifiedAt !== null, freeCreditFrom };
}

/** The month's credit and everything that can be spent now. */
export const loadCreditSummary = cache(async (identity: Identity): Promise<CreditSummary> => {
  const [balance, entitlements] = await Promise.all([loadBalance(identity), loadEntitlements(identity)]);
  return summarizeCredit(
    balance,
    entitlements,
    identity.workspaceCreatedAt,
    requestTime(),
    toFreeCreditTerms(identity),
  );
});

/** Everything that the billing page shows of plan, payments and invoices. */
export const loadBillingOverview = cache(async (identity: Identity): Promise<BillingOverview> => {
  const { workspaceId, workspaceCreatedAt } = identity;
  const [subscription, balance] = await Promise.all([loadSubscription(identity), loadBalance(identity)]);
  const freeCredit = toFreeCreditTerms(identity);
  const facts = { workspaceId, workspaceCreatedAt, freeCredit, subscription, balance };
  return readBillingOverview(db(), facts, requestTime());
});

export const loadOverageStatus = cache(async (identity: Identity): Promise<OverageStatus> => {
  const [entitlements, window] = await Promise.all([loadEntitlements(identity), loadOverageWindow(identity)]);
  return readOverageStatus(db(), identity.workspaceId, entitlements, requestTime(), window);
});

export const loadTrialAvailability = cache(async (identity: Identity) =>
  readTrialAvailability(db(), identity.workspaceId, await loadSubscription(identity)),
);

/**
 * The invoice that could not be collected; null without one. Reads invoices only if the subscription is
 * overdue.
 */
export const loadPaymentProblem = cache(async (identity: Identity): Promise<BillingOverview["problem"]> => {
  const subscription = await loadSubscription(identity);
  if (subscription === null || !isOverdue(subscription)) return null;
  return (await loadBillingOverview(identity)).problem;
});
