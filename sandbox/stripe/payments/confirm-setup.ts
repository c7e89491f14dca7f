import type Stripe from "stripe";
import { attachMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { authenticationAction, requiresAuthentication } from "#sandbox/stripe/payments/authentication.ts";
import { type Decline, findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull, newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Confirmation = { authentication?: "passed" | "failed"; returnUrl?: string };

const notAuthenticated: Decline = {
  code: "setup_intent_authentication_failure",
  declineCode: null,
  message:
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
};

/** Attempts to save a card, which becomes saved, declined or requires_action. */
export function confirmSetup(
  world: World,
  setupId: string,
  methodId: string,
  confirmation: Confirmation,
): Stripe.SetupIntent {
  const setup = world.tables.setupIntents.get(setupId);
  const method = world.tables.paymentMethods.get(methodId);
  if (!setup || !method) throw new Error(`cannot set ${methodId} up with ${setupId}`);
  const card = world.tables.cards.get(methodId);
  const behaviour = card && findTestCard(card.number);
  if (confirmation.authentication === "failed") return refuse(world, setup, method, notAuthenticated);
  if (
    requiresAuthentication(behaviour, card?.authenticated ?? false) &&
    confirmation.authentication !== "passed"
  ) {
    const patch = {
      latest_attempt: record(world, setup, method, "requires_action", null),
      last_setup_error: null,
      next_action: authenticationAction(world, setup, confirmation.returnUrl ?? null),
      payment_method: method.id,
      status: "requires_action",
    };
    return amend(world, world.tables.setupIntents, setupId, patch, "setup_intent.requires_action");
  }
  if (behaviour?.attachDecline) return refuse(world, setup, method, behaviour.attachDecline);
  if (card && confirmation.authentication === "passed")
    world.tables.cards.put({ ...card, authenticated: true });
  const customer = idOrNull(setup.customer);
  if (customer !== null) attachMethod(world, methodId, customer);
  const patch = {
    latest_attempt: record(world, setup, method, "succeeded", null),
    last_setup_error: null,
    next_action: null,
    payment_method: method.id,
    status: "succeeded",
  };
  return amend(world, world.tables.setupIntents, setupId, patch, "setup_intent.succeeded");
}

function refuse(
  world: World,
  setup: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  refusal: Decline,
): Stripe.SetupIntent {
  const error: Stripe.SetupIntent.LastSetupError = {
    type: refusal === notAuthenticated ? "invalid_request_error" : "card_error",
    code: refusal.code,
    message: refusal.message,
    ...(refusal.declineCode ? { decline_code: refusal.declineCode } : {}),
    payment_method: method,
  };
  const patch = {
    latest_attempt: record(world, setup, method, "failed", error),
    last_setup_error: error,
    next_action: null,
    payment_method: null,
    status: "requires_payment_method",
  };
  return amend(world, world.tables.setupIntents, setup.id, patch, "setup_intent.setup_failed");
}

/** Records a setup attempt and returns its id. */
function record(
  world: World,
  setup: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  status: string,
  error: Stripe.SetupIntent.LastSetupError | null,
): string {
  return world.tables.setupAttempts.put({
    id: newStripeId("setatt"),
    object: "setup_attempt",
    application: null,
    created: nowFor(world, idOrNull(setup.customer)),
    customer: setup.customer,
    customer_account: null,
    flow_directions: null,
    livemode: false,
    on_behalf_of: null,
    payment_method: method.id,
    payment_method_details: { type: method.type },
    setup_error: error,
    setup_intent: setup.id,
    status,
    usage: setup.usage,
  }).id;
}
