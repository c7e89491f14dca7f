import type Stripe from "stripe";
import { shippingParams, toShipping } from "#sandbox/stripe/customers/address-params.ts";
import { createMethod, methodDataParams } from "#sandbox/stripe/customers/create-method.ts";
import { findMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { confirmWithOwner } from "#sandbox/stripe/payments/confirm-with-owner.ts";
import { email } from "#sandbox/stripe/protocol/email.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { given } from "#sandbox/stripe/protocol/metadata.ts";
import { clearable, flag, object, oneOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Parameters of a confirmation, alone or with the creation. */
export const confirmFields = {
  error_on_requires_action: flag(),
  mandate_data: object({
    customer_acceptance: required(
      object({
        accepted_at: whole(),
        offline: object({}),
        online: object({ ip_address: text(), user_agent: text() }),
        type: required(oneOf("offline", "online")),
      }),
    ),
  }),
  off_session: flag(),
  payment_method: text(),
  payment_method_data: methodDataParams,
  receipt_email: clearable(email()),
  return_url: text(),
  setup_future_usage: oneOf("on_session", "off_session"),
  shipping: clearable(shippingParams),
  use_stripe_sdk: flag(),
};
const readConfirmation = object(confirmFields);
type ConfirmParams = NonNullable<ReturnType<typeof readConfirmation>>;
const confirmable = ["requires_payment_method", "requires_confirmation", "requires_action"];

/**
 * Confirms a payment through the API. A declined card fails the call (402) and is recorded; a payment that
 * requires action does not fail the call.
 */
export function confirmByCall(
  world: World,
  intent: Stripe.PaymentIntent,
  params: ConfirmParams,
): Stripe.PaymentIntent {
  if (!confirmable.includes(intent.status)) throw refuseState("confirm", intent);
  const method = methodFor(world, params, idOrNull(intent.customer)) ?? idOrNull(intent.payment_method);
  if (method === null) {
    throw new StripeFailure(
      400,
      "invalid_request_error",
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      { code: "payment_intent_unexpected_state", paymentIntent: intent },
    );
  }
  const { receipt_email, setup_future_usage, shipping } = params;
  amend(world, world.tables.paymentIntents, intent.id, {
    ...given({ receipt_email, setup_future_usage }),
    ...(shipping === undefined ? {} : { shipping: toShipping(shipping ?? undefined) }),
  });
  const proof = `authenticated:${intent.id}:${method}`;
  const isProven = world.tables.marks.get(proof) !== undefined;
  world.tables.marks.delete(proof);
  const confirmed = confirmWithOwner(world, intent.id, method, {
    onSession: !params.off_session,
    refusesToAsk: params.off_session === true || params.error_on_requires_action === true,
    ...(params.return_url && !params.use_stripe_sdk ? { returnUrl: params.return_url } : {}),
    ...(isProven ? { authentication: "passed" } : {}),
  });
  if (confirmed.status === "requires_payment_method") throw refusedBy(confirmed);
  return confirmed;
}

/** The payment method that a call names or describes; null if it contains none. */
export function methodFor(
  world: World,
  params: Pick<Partial<ConfirmParams>, "payment_method" | "payment_method_data">,
  customer: string | null,
): string | null {
  if (params.payment_method_data) return createMethod(world, params.payment_method_data).id;
  if (params.payment_method === undefined) return null;
  const method = findMethod(world, params.payment_method, "payment_method");
  const owner = idOrNull(method.customer);
  if (owner !== null && owner !== customer) {
    throw invalid(
      customer === null
        ? "The PaymentMethod you provided is attached to a customer, so the customer has to be provided too."
        : "The PaymentMethod you provided does not belong to the customer of this payment.",
      "payment_method",
    );
  }
  return method.id;
}

/** The error for a call that the payment's state does not allow. */
export function refuseState(
  verb: "cancel" | "confirm" | "update",
  intent: Stripe.PaymentIntent,
): StripeFailure {
  const reason =
    intent.status === "succeeded" && verb === "confirm"
      ? "it has already succeeded after being previously confirmed"
      : `it has a status of ${intent.status}`;
  return new StripeFailure(
    400,
    "invalid_request_error",
    `You cannot ${verb} this PaymentIntent because ${reason}.`,
    { code: "payment_intent_unexpected_state", paymentIntent: intent },
  );
}

function refusedBy(intent: Stripe.PaymentIntent): StripeFailure {
  const error = intent.last_payment_error;
  return new StripeFailure(402, "card_error", error?.message ?? "Your card was declined.", {
    keepsEffects: true,
    code: error?.code ?? "card_declined",
    paymentIntent: intent,
    ...(error?.decline_code ? { declineCode: error.decline_code } : {}),
    ...(error?.charge ? { charge: error.charge } : {}),
    ...(error?.payment_method ? { paymentMethod: error.payment_method } : {}),
  });
}
