import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { ensureCustomer, findCustomerOf } from "#lib/billing/customers.ts";
import { decideCheckout, isOpenPage } from "#lib/billing/decide-checkout.ts";
import { type CustomerState, fetchCustomer } from "#lib/billing/fetch-customer.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { findPack, type Offer } from "#lib/billing/plans.ts";
import { requireTrialLeft } from "#lib/billing/settle-trials.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { findSale, proTrial, type Sale } from "#lib/billing/trial.ts";
import { readTrialStanding } from "#lib/billing/trial-standing.ts";
import { writeSessions } from "#lib/billing/write-customer.ts";
import { env } from "#lib/core/env.ts";
import { AppError, notFound } from "#lib/core/errors.ts";
import { enqueue } from "#lib/core/queue.ts";
import { createCheckoutSession, expireCheckoutSession, findCheckoutSession } from "#lib/gateways/stripe/stripe.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";
import { findPriceByLookupKey } from "#lib/gateways/stripe/prices.ts";

/**
 * Leads somebody to pay for a plan, or to try one (M11). Asking twice, also at the same instant, leads to the same page;
 * asking for another plan closes the page of the first; a workspace whose subscription runs is refused.
 * @returns the address of Stripe's hosted page
 * @throws AppError forbidden, not_found (no such price), conflict, trial_used, billing_unavailable
 */
export async function startCheckout(payer: Payer, lookupKey: string, at: Date): Promise<{ url: string }> {
  requirePayer(payer);
  const sale = findSale(lookupKey);
  if (sale === undefined) throw notFound("price");
  const { workspaceId } = payer;
  const customerId = await withCustomerLock(workspaceId, (tx) => ensureCustomer(tx, workspaceId, at));
  return withCustomerLock(workspaceId, async (tx) => {
    const state = await fetchCustomer(customerId);
    const decision = decideCheckout(state, sale, at);
    if (sale.trialDays !== null) await requireTrialLeft(tx, workspaceId);
    if (decision.kind === "reuse") return { url: decision.url };
    await closeSessions(decision.expire);
    const session = await openSession(workspaceId, "subscription", sale, state);
    if (session.url === null) throw new AppError("billing_unavailable");
    const others = state.sessions.map((other) => (decision.expire.includes(other) ? closed(other) : other));
    await writeSessions(tx, workspaceId, [session, ...others], at);
    await recordAudit(
      tx,
      {
        action: "checkout.started",
        actorUserId: payer.userId,
        workspaceId,
        target: session.id,
        data: { lookupKey },
      },
      at,
    );
    return { url: session.url };
  });
}

/**
 * Leads somebody to pay for credit (M15), on any plan. Asking twice leads to the same page, until it is paid.
 * @returns the address of Stripe's hosted page
 * @throws AppError forbidden, not_found (no such pack), billing_unavailable
 */
export async function startTopUp(payer: Payer, lookupKey: string, at: Date): Promise<{ url: string }> {
  requirePayer(payer);
  const price = findPack(lookupKey)?.price;
  if (price === undefined) throw notFound("price");
  const { workspaceId, userId } = payer;
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
}

function closed(session: StripeCheckoutSession): StripeCheckoutSession {
  return { ...session, status: "expired", url: null };
}

/** One that cannot be closed was paid in this very moment; then nothing else may be sold. */
async function closeSessions(sessions: StripeCheckoutSession[]): Promise<void> {
  for (const { id } of sessions) {
    if (!(await expireCheckoutSession(id)))
      throw new AppError("conflict", {
        message: "A payment has just gone through in another window. Look at your billing page.",
      });
  }
}

/**
 * The key holds what the request is made of and which sessions there were before: a request that is repeated because its
 * answer was lost finds the session it made, and a later one makes another.
 */
async function openSession(
  workspaceId: string,
  mode: "subscription" | "payment",
  { lookupKey, offer, trialDays }: Pick<Sale, "lookupKey" | "trialDays"> & { offer: Pick<Offer, "price"> },
  { customerId, sessions }: CustomerState,
): Promise<StripeCheckoutSession> {
  const price = await findPriceByLookupKey(offer.price.lookupKey);
  if (price === null)
    throw new AppError("billing_unavailable", {
      details: { missingPrice: offer.price.lookupKey, remedy: "npm run billing:sync" },
    });
  const tax = env().STRIPE_TAX;
  const idempotencyKey = ["checkout", customerId, price.id, lookupKey, sessions[0]?.id ?? "first", tax].join(
    ":",
  );
  const base = env().APP_URL;
  return createCheckoutSession(
    {
      mode,
      customerId,
      workspaceId,
      lookupKey,
      priceId: price.id,
      trialDays,
      successUrl: new URL("/billing/success?session_id={CHECKOUT_SESSION_ID}", base).href
        // The URL's own encoding would hide the place that Stripe fills in.
        .replace("%7BCHECKOUT_SESSION_ID%7D", "{CHECKOUT_SESSION_ID}"),
      cancelUrl: new URL(mode === "subscription" ? "/pricing" : "/billing", base).href,
    },
    idempotencyKey,
  );
}

/**
 * Somebody comes back from Stripe's page. The address is believed for nothing but which session to look at: it must be this
 * workspace's, and what was bought is learnt from Stripe, so that the webhook may be late or lost.
 * @returns what became of the session; a trial may have been refused after it was finished (M11)
 * @throws AppError not_found, billing_unavailable
 */
export async function finishCheckout(
  workspaceId: string,
  sessionId: string,
): Promise<Pick<StripeCheckoutSession, "status" | "mode"> & { trial?: "begun" | "refused" }> {
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null) throw notFound("payment");
  try {
    const session = await findCheckoutSession(sessionId);
    if (session === null || session.customerId !== customerId) throw notFound("payment");
    await syncCustomer(customerId);
    const { status, mode } = session;
    return { status, mode, ...(await trialOf(workspaceId, session)) };
  } catch (error) {
    // Nobody will come back to this page, so the queue goes on asking where Stripe could not be reached.
    if (error instanceof AppError && error.code === "billing_unavailable")
      await enqueue(db(), "billing.sync", { customerId }, { uniqueKey: customerId });
    throw error;
  }
}

/** Nothing of a session that sold no trial, or that was not finished. */
async function trialOf(
  workspaceId: string,
  { status, lookupKey }: StripeCheckoutSession,
): Promise<{ trial?: "begun" | "refused" }> {
  if (status !== "complete" || lookupKey !== proTrial.lookupKey) return {};
  const { kind } = await readTrialStanding(db(), workspaceId);
  return { trial: kind === "refused" ? "refused" : "begun" };
}
