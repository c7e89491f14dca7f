import type Stripe from "stripe";
import { sessionAmountDue } from "#sandbox/stripe/checkout/amount-due.ts";
import { findOrder, findSession } from "#sandbox/stripe/checkout/find-session.ts";
import { fulfillSession } from "#sandbox/stripe/checkout/fulfill-session.ts";
import { dropUnusableDiscounts } from "#sandbox/stripe/checkout/session-discount.ts";
import { createCustomer } from "#sandbox/stripe/customers/customers.ts";
import {
  type CardDetails,
  createCardMethod,
  createDebitMethod,
} from "#sandbox/stripe/customers/payment-method-object.ts";
import { bankUrl } from "#sandbox/stripe/payments/authentication.ts";
import { type Confirmation, confirmIntent } from "#sandbox/stripe/payments/confirm-intent.ts";
import { confirmSetup } from "#sandbox/stripe/payments/confirm-setup.ts";
import { createIntent } from "#sandbox/stripe/payments/intent-object.ts";
import { createSetup } from "#sandbox/stripe/payments/setup-object.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type CheckoutPayer = {
  email: string;
  name: string;
  card: Omit<CardDetails, "name" | "email"> | null;
  /** The account number of a SEPA debit, used instead of a card. */
  iban?: string;
  /** An existing payment method, used instead of an entered card. */
  method?: string;
};
export type CheckoutResult =
  | { kind: "done"; url: string }
  | { kind: "authenticate"; url: string }
  | { kind: "closed" }
  | { kind: "refused"; message: string };

/**
 * Submits the hosted payment page. A completed session returns the same result again, so a double submit
 * charges once.
 */
export function submitCheckout(world: World, sessionId: string, payer: CheckoutPayer): CheckoutResult {
  const session = findSession(world, sessionId);
  if (session.status === "complete") return { kind: "done", url: successUrlOf(session) };
  if (session.status !== "open") return { kind: "closed" };
  const discountError = dropUnusableDiscounts(world, session);
  if (discountError !== null) return { kind: "refused", message: discountError };
  const customer = ensureCustomer(world, session, payer);
  const at = nowFor(world, customer);
  const method = payer.method ?? createEnteredMethod(world, payer, at);
  const isFree = sessionAmountDue(world, session) === 0;
  const { email, name } = payer;
  if (isFree && session.mode !== "setup" && (method === null || session.mode === "payment")) {
    fulfillSession(world, sessionId, { customer, method, intent: null, email, name });
    return { kind: "done", url: successUrlOf(session) };
  }
  if (method === null) return { kind: "refused", message: "Your card number is incomplete." };
  const order = findOrder(world, sessionId);
  world.tables.checkoutOrders.put({
    ...order,
    ...(isFree
      ? { setupIntent: order.setupIntent ?? createCardSetup(world, customer) }
      : { paymentIntent: order.paymentIntent ?? createPayment(world, session, customer) }),
    waiting: { email, name, paymentMethod: method },
  });
  return confirmOrder(world, sessionId, customer);
}

/** Continues a session after the buyer's 3-D Secure authentication. */
export function resumeCheckout(
  world: World,
  sessionId: string,
  authentication: "passed" | "failed",
): CheckoutResult {
  const session = findSession(world, sessionId);
  if (session.status === "complete") return { kind: "done", url: successUrlOf(session) };
  if (session.status !== "open") return { kind: "closed" };
  return confirmOrder(world, sessionId, idOrNull(session.customer), authentication);
}

/** Returns the id of the session that created a payment or setup intent, or null. */
export function findSessionIdByIntent(world: World, intent: string): string | null {
  const { checkoutOrders } = world.tables;
  const orders = checkoutOrders.filter((row) => row.paymentIntent === intent || row.setupIntent === intent);
  return orders[0]?.id ?? null;
}

/** Returns the URL that the buyer is redirected to after paying. */
export function successUrlOf(session: Stripe.Checkout.Session): string {
  return (session.success_url ?? session.return_url ?? "").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function confirmOrder(
  world: World,
  sessionId: string,
  customer: string | null,
  authentication?: "passed" | "failed",
): CheckoutResult {
  const order = findOrder(world, sessionId);
  if (!order.waiting) return { kind: "refused", message: "Enter your card again." };
  const session = findSession(world, sessionId);
  const { email, name, paymentMethod } = order.waiting;
  const confirm = sessionAmountDue(world, session) === 0 ? confirmOrderSetup : confirmOrderPayment;
  const confirmed = confirm(world, session, paymentMethod, {
    onSession: true,
    ...(authentication ? { authentication } : {}),
    ...(session.url ? { returnUrl: session.url } : {}),
  });
  if (confirmed.status === "requires_action") return { kind: "authenticate", url: bankUrl(world, confirmed) };
  if (confirmed.status === "requires_payment_method") {
    const error =
      confirmed.object === "setup_intent" ? confirmed.last_setup_error : confirmed.last_payment_error;
    return { kind: "refused", message: error?.message ?? "Your card was declined." };
  }
  fulfillSession(world, sessionId, {
    customer,
    method: paymentMethod,
    intent: order.paymentIntent,
    email,
    name,
  });
  return { kind: "done", url: successUrlOf(session) };
}

function confirmOrderPayment(
  world: World,
  session: Stripe.Checkout.Session,
  method: string,
  confirmation: Confirmation,
): Stripe.PaymentIntent {
  const { paymentIntent } = findOrder(world, session.id);
  return confirmIntent(world, paymentIntent ?? "", method, confirmation);
}

function confirmOrderSetup(
  world: World,
  session: Stripe.Checkout.Session,
  method: string,
  confirmation: Confirmation,
): Stripe.SetupIntent {
  const setup = findOrder(world, session.id).setupIntent ?? "";
  // The customer may have just been created from the submitted form.
  amend(world, world.tables.setupIntents, setup, { customer: session.customer });
  return confirmSetup(world, setup, method, confirmation);
}

/** Creates the setup intent that saves the card of a trial for later off-session charges. */
function createCardSetup(world: World, customer: string | null): string {
  return createSetup(world, { customer, description: null, metadata: {}, method: null, usage: "off_session" })
    .id;
}

function createPayment(world: World, session: Stripe.Checkout.Session, customer: string | null): string {
  const order = findOrder(world, session.id);
  const isPayment = session.mode === "payment";
  return createIntent(world, {
    amount: sessionAmountDue(world, session),
    currency: session.currency ?? "usd",
    customer,
    description: isPayment ? order.description : "Subscription creation",
    metadata: isPayment ? order.metadata : {},
    setupFutureUsage: !isPayment || order.saveCard ? "off_session" : null,
    more: { payment_method_types: session.payment_method_types, shipping: order.shipping },
  }).id;
}

function createEnteredMethod(world: World, payer: CheckoutPayer, at: number): string | null {
  const contact = { name: payer.name || null, email: payer.email };
  if (payer.iban !== undefined) return createDebitMethod(world, payer.iban, contact, at).id;
  return payer.card && createCardMethod(world, { ...payer.card, ...contact }, at).id;
}

function ensureCustomer(world: World, session: Stripe.Checkout.Session, payer: CheckoutPayer): string | null {
  const existing = idOrNull(session.customer);
  if (existing !== null) return existing;
  if (session.mode !== "subscription" && session.customer_creation !== "always") return null;
  const customer = createCustomer(world, { email: payer.email, name: payer.name || null });
  emit(world, "customer.created", customer);
  amend(world, world.tables.checkoutSessions, session.id, { customer: customer.id });
  return customer.id;
}
