import { createHash } from "node:crypto";
import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { decideCheckout, isOpenPage } from "#lib/billing/actions/decide-checkout.ts";
import { refusedPurchase } from "#lib/billing/actions/refused-purchase.ts";
import { findTopUp, type Offer } from "#lib/billing/catalog/plans.ts";
import { requirePrice } from "#lib/billing/catalog/price-ids.ts";
import { type CheckoutOffer, findCheckoutOffer, proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { type BillingAdmin, requireBillingAdmin } from "#lib/billing/customer/billing-admin.ts";
import { withCustomerLock } from "#lib/billing/customer/customer-lock.ts";
import type { CustomerState } from "#lib/billing/customer/customer-state.ts";
import { ensureCustomer, findCustomerId } from "#lib/billing/customer/customers.ts";
import { refuseDuringDeletion } from "#lib/billing/customer/refuse-during-deletion.ts";
import { readTrialAvailability } from "#lib/billing/entitlements/trial-availability.ts";
import { requireTrialUnused } from "#lib/billing/entitlements/trial-register.ts";
import { fetchCustomer } from "#lib/billing/sync/fetch-customer.ts";
import { syncCustomer } from "#lib/billing/sync/sync-customer.ts";
import { writeSessions } from "#lib/billing/sync/write-customer.ts";
import { env } from "#lib/core/env.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { enqueue } from "#lib/core/queue.ts";
import {
  createCheckoutSession,
  expireCheckoutSession,
  findCheckoutSession,
} from "#lib/gateways/stripe/checkout-sessions.ts";
import { isRefused } from "#lib/gateways/stripe/client.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";

/**
 * Starts a Checkout for a plan or a trial (M11). Repeated and concurrent calls return the same page; a call
 * for another offer closes the first page. A workspace with a subscription is rejected.
 * @returns the URL of Stripe's hosted page
 * @throws AppError forbidden, not_found (no such price), conflict, trial_used, purchase_refused,
 *   billing_unavailable
 */
export const startCheckout = traced(
  "billing.startCheckout",
  async (admin: BillingAdmin, lookupKey: string, at: Date): Promise<{ url: string }> => {
    requireBillingAdmin(admin);
    const offer = findCheckoutOffer(lookupKey);
    if (offer === undefined) throw notFound("price");
    const { workspaceId } = admin;
    await refuseDuringDeletion(db(), workspaceId);
    const customerId = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, at));
    return withCustomerLock(workspaceId, async (tx) => {
      const state = await fetchCustomer(customerId);
      const decision = decideCheckout(state, offer, at);
      if (offer.trialDays !== null) await requireTrialUnused(tx, workspaceId);
      if (decision.kind === "reuse") return { url: decision.url };
      await closeSessions(decision.expire);
      const session = await openSession(workspaceId, "subscription", offer, state);
      if (session.url === null) throw new AppError("billing_unavailable");
      const others = state.sessions.map((other) => (decision.expire.includes(other) ? closed(other) : other));
      await writeSessions(tx, workspaceId, [session, ...others], at);
      await recordAudit(
        tx,
        {
          action: "checkout.started",
          actorUserId: admin.userId,
          workspaceId,
          target: session.id,
          data: { lookupKey },
        },
        at,
      );
      return { url: session.url };
    });
  },
);

/**
 * Starts a Checkout for a top-up (M15), on any plan. Repeated calls return the same page until it is paid.
 * @returns the URL of Stripe's hosted page
 * @throws AppError forbidden, not_found (no such top-up), purchase_refused, billing_unavailable
 */
export const startTopUp = traced(
  "billing.startTopUp",
  async (admin: BillingAdmin, lookupKey: string, at: Date): Promise<{ url: string }> => {
    requireBillingAdmin(admin);
    const price = findTopUp(lookupKey)?.price;
    if (price === undefined) throw notFound("price");
    const { workspaceId, userId } = admin;
    await refuseDuringDeletion(db(), workspaceId);
    const customerId = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, at));
    return withCustomerLock(workspaceId, async (tx) => {
      const state = await fetchCustomer(customerId);
      const open = state.sessions.find((session) => isOpenPage(session, lookupKey, at));
      if (open?.url != null) return { url: open.url };
      const session = await openSession(
        workspaceId,
        "payment",
        { lookupKey, offer: { price }, trialDays: null },
        state,
      );
      if (session.url === null) throw new AppError("billing_unavailable");
      await writeSessions(tx, workspaceId, [session, ...state.sessions], at);
      const data = { lookupKey };
      await recordAudit(
        tx,
        { action: "top_up.started", actorUserId: userId, workspaceId, target: session.id, data },
        at,
      );
      return { url: session.url };
    });
  },
);

function closed(session: StripeCheckoutSession): StripeCheckoutSession {
  return { ...session, status: "expired", url: null };
}

/** Expires sessions. One that cannot be expired has just been paid, so nothing else may be sold. */
async function closeSessions(sessions: StripeCheckoutSession[]): Promise<void> {
  for (const { id } of sessions) {
    if (!(await expireCheckoutSession(id)))
      throw new AppError("conflict", {
        reason: errorReason("paidInOtherWindow"),
      });
  }
}

/**
 * Creates a session. The idempotency key contains the parameters and the newest existing session: a retry
 * after a lost response returns the same session, a later call or one with other parameters creates another.
 */
async function openSession(
  workspaceId: string,
  mode: "subscription" | "payment",
  {
    lookupKey,
    offer,
    trialDays,
  }: Pick<CheckoutOffer, "lookupKey" | "trialDays"> & { offer: Pick<Offer, "price"> },
  { customerId, sessions, details }: CustomerState,
): Promise<StripeCheckoutSession> {
  const price = await requirePrice(offer.price.lookupKey);
  const base = env().APP_URL;
  const checkout = {
    mode,
    customerId,
    workspaceId,
    lookupKey,
    priceId: price.id,
    trialDays,
    successUrl: new URL("/billing/success?session_id={CHECKOUT_SESSION_ID}", base).href
      // URL encoding would hide Stripe's placeholder.
      .replace("%7BCHECKOUT_SESSION_ID%7D", "{CHECKOUT_SESSION_ID}"),
    cancelUrl: new URL(mode === "subscription" ? "/pricing" : "/billing", base).href,
  };
  const params = JSON.stringify([checkout, env().STRIPE_TAX]);
  const digest = createHash("sha256").update(params).digest("hex").slice(0, 32);
  const idempotencyKey = ["checkout", customerId, sessions[0]?.id ?? "first", digest].join(":");
  try {
    return await createCheckoutSession(checkout, idempotencyKey);
  } catch (error) {
    if (!isRefused(error)) throw error;
    throw await refusedPurchase(error, { customerId, price, customerCurrency: details?.currency ?? null });
  }
}

/**
 * Syncs the customer after the return from Stripe's page, so that a late or lost webhook does not matter. The
 * URL is trusted only for the session's id; the session must belong to this workspace, and what was bought is
 * read from Stripe.
 * @returns the state of the session; a bank debit is still unpaid then (M15), and a trial may have been
 * refused
 *   after the Checkout (M11)
 * @throws AppError not_found, billing_unavailable
 */
export async function finishCheckout(
  workspaceId: string,
  sessionId: string,
): Promise<
  Pick<StripeCheckoutSession, "status" | "mode" | "paymentStatus"> & { trial?: "begun" | "refused" }
> {
  const customerId = await findCustomerId(db(), workspaceId);
  if (customerId === null) throw notFound("payment");
  try {
    const session = await findCheckoutSession(sessionId);
    if (session === null || session.customerId !== customerId) throw notFound("payment");
    await syncCustomer(customerId);
    const { status, mode, paymentStatus } = session;
    return { status, mode, paymentStatus, ...(await trialResult(workspaceId, session)) };
  } catch (error) {
    // The user may not return to this page, so the queue retries the sync.
    if (error instanceof AppError && error.code === "billing_unavailable")
      await enqueue(db(), "billing.sync", { customerId }, { uniqueKey: customerId });
    throw error;
  }
}

/** Returns whether a completed trial Checkout started a trial; nothing for other sessions. */
async function trialResult(
  workspaceId: string,
  { status, lookupKey }: StripeCheckoutSession,
): Promise<{ trial?: "begun" | "refused" }> {
  if (status !== "complete" || lookupKey !== proTrial.lookupKey) return {};
  const { kind } = await readTrialAvailability(db(), workspaceId);
  return { trial: kind === "refused" ? "refused" : "begun" };
}
