import Stripe from "stripe";
import { stripe } from "#lib/gateways/stripe-client.ts";
import { eventOf, type StripeEvent, thinEventOf } from "#lib/gateways/stripe-event.ts";
import { env } from "#lib/ground/env.ts";
import { AppError } from "#lib/ground/errors.ts";

const toleranceSeconds = 300;

/**
 * Reads an event whose signature over the raw body is right, by the present secret, the one before it, or that of the
 * destination through which Stripe tells of meters.
 * @throws AppError bad_signature, also for a signature older than five minutes; bad_request for what is no event
 */
export function readSignedEvent(rawBody: Buffer, signature: string | null): StripeEvent {
  const { STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_PREVIOUS, STRIPE_WEBHOOK_SECRET_METERS } = env();
  if (signature === null) throw new AppError("bad_signature", { message: "The signature is missing." });
  const body = rawBody.toString("utf8");
  for (const secret of [
    STRIPE_WEBHOOK_SECRET,
    STRIPE_WEBHOOK_SECRET_PREVIOUS,
    STRIPE_WEBHOOK_SECRET_METERS,
  ]) {
    if (secret === undefined) continue;
    try {
      return readWith(body, signature, secret);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError))
        throw new AppError("bad_request", { message: "This is not an event.", cause: error });
    }
  }
  throw new AppError("bad_signature");
}

/** The SDK has a function for each of the two kinds, and either refuses the other kind. Nearly all are whole. */
function readWith(body: string, signature: string, secret: string): StripeEvent {
  try {
    return eventOf(Stripe.webhooks.constructEvent(body, signature, secret, toleranceSeconds), body);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) throw error;
    return thinEventOf(stripe().parseEventNotification(body, signature, secret, toleranceSeconds), body);
  }
}
