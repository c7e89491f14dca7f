import { db } from "#db/client.ts";
import { withCustomerLock } from "#lib/billing/customer-lock.ts";
import { findCustomerOf } from "#lib/billing/customers.ts";
import { type Payer, requirePayer } from "#lib/billing/payer.ts";
import { type StripeJs, stripeJs } from "#lib/billing/actions/stripe-js.ts";
import { syncCustomer } from "#lib/billing/sync.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { createCardChange, createCardPortal } from "#lib/gateways/stripe/card-change.ts";
import { listCheckoutSessions } from "#lib/gateways/stripe/history.ts";
import type { StripeCheckoutSession } from "#lib/gateways/stripe/objects.ts";

/** Where a card is given: inside our page, or at an address of Stripe's where Stripe.js is not configured. */
export type CardChange =
  | { kind: "embedded"; stripeJs: StripeJs; clientSecret: string }
  | { kind: "portal"; url: string };

/** A form that is about to close is not worth showing. */
const leastTimeMs = 10 * 60_000;

/**
 * Lets somebody give another card. Asking twice shows the same form. What was chosen is carried out by the next sync, so
 * that it does not depend on the browser.
 * @throws AppError forbidden, not_found (nobody ever paid), billing_unavailable
 */
export async function startCardChange(payer: Payer): Promise<CardChange> {
  requirePayer(payer);
  const customerId = await customerOf(payer.workspaceId);
  const script = stripeJs();
  if (script === null)
    return {
      kind: "portal",
      url: await createCardPortal(customerId, new URL("/billing", env().APP_URL).href),
    };
  const { workspaceId, userId } = payer;
  const session = await withCustomerLock(workspaceId, async () => {
    const sessions = await listCheckoutSessions(customerId);
    const key = ["card", customerId, sessions[0]?.id ?? "first"].join(":");
    return sessions.find(isOpenForm) ?? createCardChange({ customerId, workspaceId, userId }, key);
  });
  if (session.clientSecret === null) throw new AppError("billing_unavailable");
  return { kind: "embedded", stripeJs: script, clientSecret: session.clientSecret };
}

/**
 * The form said that it is done. It is believed for nothing: which card was given is learnt from Stripe.
 * @throws AppError forbidden, not_found, billing_unavailable
 */
export async function finishCardChange(payer: Payer): Promise<void> {
  requirePayer(payer);
  await syncCustomer(await customerOf(payer.workspaceId));
}

function isOpenForm({ isCardChange, status, clientSecret, expiresAt }: StripeCheckoutSession): boolean {
  const leftMs = expiresAt.getTime() - now().getTime();
  return isCardChange && status === "open" && clientSecret !== null && leftMs > leastTimeMs;
}

async function customerOf(workspaceId: string): Promise<string> {
  const customerId = await findCustomerOf(db(), workspaceId);
  if (customerId === null)
    throw new AppError("not_found", { message: "A card is asked for with the first payment." });
  return customerId;
}
