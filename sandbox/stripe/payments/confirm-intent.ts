import type Stripe from "stripe";
import { buildCharge } from "#sandbox/stripe/payments/charge-object.ts";
import { type Decline, findTestCard, switchedDecline } from "#sandbox/stripe/payments/test-cards.ts";
import { amend, create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type IntentInput = {
  amount: number;
  currency: string;
  customer: string | null;
  description: string | null;
  metadata: Record<string, string>;
  receiptEmail?: string | null;
  setupFutureUsage: "off_session" | null;
};
export type Confirmation = {
  /** Whether the person is there to authenticate: a first payment is on session, a renewal is not. */
  onSession: boolean;
  /** How the authentication ended, when there was one. */
  authentication?: "passed" | "failed";
  returnUrl?: string;
};

/** A payment of an amount, not yet attempted. */
export function createIntent(world: World, input: IntentInput): Stripe.PaymentIntent {
  const id = newStripeId("pi");
  const intent: Stripe.PaymentIntent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: input.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic",
    client_secret: `${id}_secret_${randomLetters(25)}`,
    confirmation_method: "automatic",
    created: nowFor(world, input.customer),
    currency: input.currency,
    customer: input.customer,
    customer_account: null,
    description: input.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: input.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: "automatic" },
    },
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: input.receiptEmail ?? null,
    review: null,
    setup_future_usage: input.setupFutureUsage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_data: null,
    transfer_group: null,
  };
  return create(world, world.tables.paymentIntents, intent, "payment_intent.created");
}

/** Attempts a payment with a card: it ends paid, refused, or waiting for the person's bank. */
export function confirmIntent(
  world: World,
  intentId: string,
  methodId: string,
  confirmation: Confirmation,
): Stripe.PaymentIntent {
  const intent = world.tables.paymentIntents.get(intentId);
  const method = world.tables.paymentMethods.get(methodId);
  if (!intent || !method) throw new Error(`cannot confirm ${intentId} with ${methodId}`);
  const card = world.tables.cards.get(methodId);
  const behaviour = card && findTestCard(card.number);
  if (confirmation.authentication === "failed") return failAuthentication(world, intent, method);
  const asks =
    behaviour?.authentication === "always" || (behaviour?.authentication === "once" && !card?.authenticated);
  if (asks && confirmation.authentication !== "passed") {
    return askForAuthentication(world, intent, method, confirmation.returnUrl ?? null);
  }
  if (card && confirmation.authentication === "passed")
    world.tables.cards.put({ ...card, authenticated: true });
  if (world.chaos.failNextCharges > 0) {
    world.chaos.failNextCharges -= 1;
    return refuse(world, intent, method, switchedDecline);
  }
  return behaviour?.chargeDecline
    ? refuse(world, intent, method, behaviour.chargeDecline)
    : pay(world, intent, method);
}

/** Stripe's error object for a refused card. */
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

function pay(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Stripe.PaymentIntent {
  const charge = takeCharge(world, intent, method, null, "charge.succeeded");
  return amend(
    world,
    world.tables.paymentIntents,
    intent.id,
    {
      amount_received: intent.amount,
      last_payment_error: null,
      latest_charge: charge.id,
      next_action: null,
      payment_method: method.id,
      status: "succeeded",
    },
    "payment_intent.succeeded",
  );
}

function refuse(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  refusal: Decline,
): Stripe.PaymentIntent {
  const charge = takeCharge(world, intent, method, refusal, "charge.failed");
  return fail(world, intent, declineError(refusal, method, charge.id), charge.id);
}

function failAuthentication(
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

function fail(
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
      status: "requires_payment_method",
    },
    "payment_intent.payment_failed",
  );
}

function askForAuthentication(
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
      next_action: {
        type: "redirect_to_url",
        redirect_to_url: {
          return_url: returnUrl,
          url: `${world.baseUrl}/authenticate/${intent.client_secret}`,
        },
      },
      payment_method: method.id,
      status: "requires_action",
    },
    "payment_intent.requires_action",
  );
}

function takeCharge(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  refusal: Decline | null,
  type: "charge.succeeded" | "charge.failed",
): Stripe.Charge {
  const at = nowFor(world, idOrNull(intent.customer));
  return create(world, world.tables.charges, buildCharge(intent, method, refusal, at, world.baseUrl), type);
}
