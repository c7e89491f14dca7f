import type Stripe from "stripe";
import { attachMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { authenticationAction } from "#sandbox/stripe/payments/authentication.ts";
import { chargeFee, moveBalance } from "#sandbox/stripe/payments/balance.ts";
import { buildCharge, type ChargeState } from "#sandbox/stripe/payments/charge-object.ts";
import type { Decline } from "#sandbox/stripe/payments/test-cards.ts";
import { amend, create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Records an approved attempt: captured, or authorized for a later capture. */
export function pay(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const isHeld = intent.capture_method === "manual";
  const charge = takeCharge(world, intent, method, isHeld ? "held" : "paid");
  keepForLater(world, intent, method);
  const common = {
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
  };
  return isHeld
    ? amend(
        world,
        world.tables.paymentIntents,
        intent.id,
        { ...common, amount_capturable: intent.amount, status: "requires_capture" },
        "payment_intent.amount_capturable_updated",
      )
    : amend(
        world,
        world.tables.paymentIntents,
        intent.id,
        { ...common, amount_received: intent.amount, status: "succeeded" },
        "payment_intent.succeeded",
      );
}

/** Records a declined attempt. */
export function refuse(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  refusal: Decline,
): Stripe.PaymentIntent {
  const charge = takeCharge(world, intent, method, refusal);
  return fail(world, intent, declineError(refusal, method, charge.id), charge.id);
}

/** Records a failed 3-D Secure check. */
export function failAuthentication(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const error: Stripe.PaymentIntent.LastPaymentError = {
    type: "invalid_request_error",
    code: "payment_intent_authentication_failure",
    message:
      "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
    payment_method: method,
  };
  return fail(world, intent, error, idOrNull(intent.latest_charge));
}

/** Sets the payment to requires_action for 3-D Secure. */
export function askForAuthentication(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  returnUrl: string | null,
): Stripe.PaymentIntent {
  return amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    {
      last_payment_error: null,
      next_action: authenticationAction(world, intent, returnUrl),
      payment_method: method.id,
      status: "requires_action",
    },
    "payment_intent.requires_action",
  );
}

/** Ends a failed attempt; the payment can be retried with another card. */
export function fail(
  world: World,
  intent: Stripe.PaymentIntent,
  error: Stripe.PaymentIntent.LastPaymentError,
  charge: string | null,
): Stripe.PaymentIntent {
  return amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    {
      last_payment_error: error,
      latest_charge: charge,
      next_action: null,
      payment_method: null,
      processing: null,
      status: "requires_payment_method",
    },
    "payment_intent.payment_failed",
  );
}

/** Stripe's error object for a declined card. */
export function declineError(
  refusal: Decline,
  method: Stripe.PaymentMethod,
  charge: string | null,
): Stripe.PaymentIntent.LastPaymentError {
  return {
    type: "card_error",
    code: refusal.code,
    message: refusal.message,
    ...(refusal.declineCode ? { decline_code: refusal.declineCode } : {}),
    ...(charge ? { charge } : {}),
    payment_method: method,
  };
}

/** Adds a successful charge to the account's balance. */
export function creditCharge(world: World, charge: Stripe.Charge, amount: number): Stripe.BalanceTransaction {
  return moveBalance(world, {
    amount,
    fee: chargeFee(amount),
    currency: charge.currency,
    description: charge.description,
    source: charge.id,
    type: charge.payment_method_details?.type === "card" ? "charge" : "payment",
    category: "charge",
    at: nowFor(world, idOrNull(charge.customer)),
  });
}

/** Records the charge of an attempt with its event. */
export function takeCharge(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  outcome: ChargeState | Decline,
): Stripe.Charge {
  const at = nowFor(world, idOrNull(intent.customer));
  const charge = buildCharge(intent, method, outcome, at, world.baseUrl);
  if (outcome === "paid") charge.balance_transaction = creditCharge(world, charge, charge.amount).id;
  const type =
    outcome === "pending"
      ? "charge.pending"
      : typeof outcome === "object"
        ? "charge.failed"
        : "charge.succeeded";
  return create(world, world.tables.charges, charge, type);
}

/** Attaches the card to the customer if `setup_future_usage` is set. */
function keepForLater(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  const customer = idOrNull(intent.customer);
  if (intent.setup_future_usage === null || customer === null || method.customer !== null) return;
  attachMethod(world, method.id, customer);
}
