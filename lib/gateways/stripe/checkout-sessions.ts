import { callStripe, callStripeOrNull, isRefused, stripe } from "#lib/gateways/stripe/client.ts";
import { type StripeCheckoutSession, toCheckoutSession } from "#lib/gateways/stripe/objects.ts";
import { checkoutTaxParams } from "#lib/gateways/stripe/tax.ts";
import { trialSubscriptionData } from "#lib/gateways/stripe/trials.ts";

/** Reads a Checkout session; null when none has this id. */
export async function findCheckoutSession(id: string): Promise<StripeCheckoutSession | null> {
  const session = await callStripeOrNull(() => stripe().checkout.sessions.retrieve(id));
  return session === null ? null : toCheckoutSession(session);
}

type NewCheckout = {
  /** A subscription, or a single payment. */
  mode: "subscription" | "payment";
  customerId: string;
  workspaceId: string;
  priceId: string;
  lookupKey: string;
  /** The length of the trial before the first payment; null without a trial. */
  trialDays: number | null;
  successUrl: string;
  cancelUrl: string;
};

/**
 * Creates a Checkout session for one of our prices. The same idempotency key returns the same session. Trials
 * take no promotion codes, so that the first payment is the announced price. Top-ups take none either,
 * because credit is sold at cost.
 */
export async function createCheckoutSession(
  checkout: NewCheckout,
  idempotencyKey: string,
): Promise<StripeCheckoutSession> {
  const { mode, customerId, workspaceId, priceId, lookupKey, trialDays, successUrl, cancelUrl } = checkout;
  const metadata = { workspace_id: workspaceId, lookup_key: lookupKey };
  const session = await callStripe(() =>
    stripe().checkout.sessions.create(
      {
        mode,
        customer: customerId,
        client_reference_id: workspaceId,
        line_items: [{ price: priceId, quantity: 1 }],
        success_url: successUrl,
        cancel_url: cancelUrl,
        metadata,
        allow_promotion_codes: mode === "subscription" && trialDays === null,
        ...checkoutTaxParams(),
        ...(mode === "subscription"
          ? {
              subscription_data: {
                metadata,
                ...(trialDays !== null && trialSubscriptionData(metadata, trialDays)),
              },
              ...(trialDays !== null && { payment_method_collection: "always" }),
            }
          : { payment_intent_data: { metadata }, invoice_creation: { enabled: true } }),
      },
      { idempotencyKey },
    ),
  );
  return toCheckoutSession(session);
}

/**
 * Expires an open Checkout session.
 * @returns false when it was no longer open, so that it may have been paid
 */
export async function expireCheckoutSession(id: string): Promise<boolean> {
  try {
    await callStripe(() => stripe().checkout.sessions.expire(id));
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}
