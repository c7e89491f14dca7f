import type Stripe from "stripe";
import { dueToday } from "#sandbox/stripe/checkout/due-today.ts";
import { findOrder, findSession } from "#sandbox/stripe/checkout/find-session.ts";
import { fulfillSession } from "#sandbox/stripe/checkout/fulfill-session.ts";
import { dropSpentDiscounts } from "#sandbox/stripe/checkout/session-discount.ts";
import { createCustomer } from "#sandbox/stripe/customers/customers.ts";
import { type CardDetails, createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { bankUrl } from "#sandbox/stripe/payments/authentication.ts";
import { type Confirmation, confirmIntent } from "#sandbox/stripe/payments/confirm-intent.ts";
import { confirmSetup } from "#sandbox/stripe/payments/confirm-setup.ts";
import { createIntent } from "#sandbox/stripe/payments/intent-object.ts";
import { createSetup } from "#sandbox/stripe/payments/setup-object.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type Payer = {
  email: string;
  name: string;
  card: Omit<CardDetails, "name" | "email"> | null;
  /** A payment method that exists already, instead of a card that was typed in. */
  method?: string;
};
export type Step =
  | { kind: "done"; url: string }
  | { kind: "authenticate"; url: string }
  | { kind: "closed" }
  | { kind: "refused"; message: string };

/**
 * A person presses Pay on the hosted page. Pressing it again after it went through leads to the same place, so a
 * double submit buys once.
 */
export function submitCheckout(world: World, sessionId: string, payer: Payer): Step {
  const session = findSession(world, sessionId);
  if (session.status === "complete") return { kind: "done", url: successUrlOf(session) };
  if (session.status !== "open") return { kind: "closed" };
  const spent = dropSpentDiscounts(world, session);
  if (spent !== null) return { kind: "refused", message: spent };
  const customer = ensureCustomer(world, session, payer);
  const at = nowFor(world, customer);
  const method =
    payer.method ??
    (payer.card
      ? createCardMethod(world, { ...payer.card, name: payer.name || null, email: payer.email }, at).id
      : null);
  const isFree = dueToday(world, session) === 0;
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
  return goOn(world, sessionId, customer);
}

/** The person comes back from their bank. */
export function resumeCheckout(world: World, sessionId: string, authentication: "passed" | "failed"): Step {
  const session = findSession(world, sessionId);
  if (session.status === "complete") return { kind: "done", url: successUrlOf(session) };
  if (session.status !== "open") return { kind: "closed" };
  return goOn(world, sessionId, idOrNull(session.customer), authentication);
}

/** The session a payment or set-up belongs to, while somebody is at it. */
export function sessionOfIntent(world: World, intent: string): string | null {
  const { checkoutOrders } = world.tables;
  const orders = checkoutOrders.filter((row) => row.paymentIntent === intent || row.setupIntent === intent);
  return orders[0]?.id ?? null;
}

/** Where a person goes after paying. */
export function successUrlOf(session: Stripe.Checkout.Session): string {
  return (session.success_url ?? session.return_url ?? "").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function goOn(
  world: World,
  sessionId: string,
  customer: string | null,
  authentication?: "passed" | "failed",
): Step {
  const order = findOrder(world, sessionId);
  if (!order.waiting) return { kind: "refused", message: "Please enter your card again." };
  const session = findSession(world, sessionId);
  const { email, name, paymentMethod } = order.waiting;
  const attempt = dueToday(world, session) === 0 ? trySetup : tryPayment;
  const tried = attempt(world, session, paymentMethod, {
    onSession: true,
    ...(authentication ? { authentication } : {}),
    ...(session.url ? { returnUrl: session.url } : {}),
  });
  if (tried.status === "requires_action") return { kind: "authenticate", url: bankUrl(world, tried) };
  if (tried.status === "requires_payment_method") {
    const error = tried.object === "setup_intent" ? tried.last_setup_error : tried.last_payment_error;
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

function tryPayment(
  world: World,
  session: Stripe.Checkout.Session,
  method: string,
  confirmation: Confirmation,
): Stripe.PaymentIntent {
  const { paymentIntent } = findOrder(world, session.id);
  return confirmIntent(world, paymentIntent ?? "", method, confirmation);
}

function trySetup(
  world: World,
  session: Stripe.Checkout.Session,
  method: string,
  confirmation: Confirmation,
): Stripe.SetupIntent {
  const setup = findOrder(world, session.id).setupIntent ?? "";
  // The customer may have been made only just now, from what the person filled in.
  amend(world, world.tables.setupIntents, setup, { customer: session.customer });
  return confirmSetup(world, setup, method, confirmation);
}

/** A trial asks for the card now, so that it can be charged when nobody is there. */
function createCardSetup(world: World, customer: string | null): string {
  return createSetup(world, { customer, description: null, metadata: {}, method: null, usage: "off_session" })
    .id;
}

function createPayment(world: World, session: Stripe.Checkout.Session, customer: string | null): string {
  const order = findOrder(world, session.id);
  const isPayment = session.mode === "payment";
  return createIntent(world, {
    amount: dueToday(world, session),
    currency: session.currency ?? "usd",
    customer,
    description: isPayment ? order.description : "Subscription creation",
    metadata: isPayment ? order.metadata : {},
    setupFutureUsage: !isPayment || order.saveCard ? "off_session" : null,
    more: { payment_method_types: session.payment_method_types, shipping: order.shipping },
  }).id;
}

function ensureCustomer(world: World, session: Stripe.Checkout.Session, payer: Payer): string | null {
  const known = idOrNull(session.customer);
  if (known !== null) return known;
  if (session.mode !== "subscription" && session.customer_creation !== "always") return null;
  const customer = createCustomer(world, { email: payer.email, name: payer.name || null });
  emit(world, "customer.created", customer);
  amend(world, world.tables.checkoutSessions, session.id, { customer: customer.id });
  return customer.id;
}
