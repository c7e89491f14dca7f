import Stripe from "stripe";
import { z } from "zod";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { findUnsafeValue } from "#lib/core/unsafe-value.ts";
import { stripe } from "#lib/gateways/stripe/client.ts";
import { type StripeEvent, toEvent, toThinEvent } from "#lib/gateways/stripe/events/event.ts";

const toleranceSeconds = 300;

/**
 * Verifies a webhook's signature and parses its event. Accepts the current secret, the previous one, and that
 * of the destination for meter errors.
 * @throws AppError bad_signature, also for a signature older than five minutes; bad_request for a body that
 *   is not an event
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
      return checkedEvent(parseWith(body, signature, secret));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError))
        throw new AppError("bad_request", { message: "This is not an event.", cause: error });
    }
  }
  throw new AppError("bad_signature");
}

/**
 * The fields that the inbox stores. The signature proves who sent them, not that PostgreSQL can hold them: a
 * body that can never be stored is a 400, which Stripe shows in its dashboard, not a 500 of ours.
 */
const eventFields = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(255),
  customerId: z.string().max(255).nullable(),
  chargeId: z.string().max(255).nullable(),
  livemode: z.boolean(),
  createdAt: z.date(),
});

/** @throws Error if a field is missing, has another type, or cannot be stored */
function checkedEvent(event: StripeEvent): StripeEvent {
  const fields = eventFields.parse(event);
  const unsafe = findUnsafeValue(fields) ?? findUnsafeValue(JSON.parse(event.payload));
  if (unsafe !== null) throw new Error(`${unsafe.path}: ${unsafe.message}`);
  return event;
}

/**
 * The SDK has one function for full events and one for thin events; each rejects the other kind. Most events
 * are full.
 */
function parseWith(body: string, signature: string, secret: string): StripeEvent {
  try {
    return toEvent(Stripe.webhooks.constructEvent(body, signature, secret, toleranceSeconds), body);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) throw error;
    return toThinEvent(stripe().parseEventNotification(body, signature, secret, toleranceSeconds), body);
  }
}
