import type Stripe from "stripe";
import { fulfillSession } from "#sandbox/stripe/checkout/fulfill-session.ts";
import { findOrder, findSession } from "#sandbox/stripe/checkout/sessions.ts";
import { createCustomer } from "#sandbox/stripe/customers/customers.ts";
import { type CardDetails, createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { bankUrl } from "#sandbox/stripe/payments/authentication.ts";
import { confirmIntent } from "#sandbox/stripe/payments/confirm-intent.ts";
import { createIntent } from "#sandbox/stripe/payments/intent-object.ts";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { amend, emit, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

export type Payer = { email: string; name: string; card: Omit<CardDetails, "name" | "email"> | null };
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
  const customer = ensureCustomer(world, session, payer);
  const at = nowFor(world, customer);
  const method = payer.card
    ? createCardMethod(world, { ...payer.card, name: payer.name || null, email: payer.email }, at).id
    : null;
  const amount = session.amount_total ?? 0;
  if (amount === 0) {
    const refusal = findTestCard(payer.card?.number ?? "")?.attachDecline;
    if (refusal) return { kind: "refused", message: refusal.message };
    fulfillSession(world, sessionId, {
      customer,
      method,
      intent: null,
      email: payer.email,
      name: payer.name,
    });
    return { kind: "done", url: successUrlOf(session) };
  }
  if (method === null) return { kind: "refused", message: "Your card number is incomplete." };
  const order = findOrder(world, sessionId);
  const intent = order.paymentIntent ?? createPayment(world, session, customer);
  world.tables.checkoutOrders.put({
    ...order,
    paymentIntent: intent,
    waiting: { email: payer.email, name: payer.name, paymentMethod: method },
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

/** The session a payment belongs to, while somebody is paying it. */
export function sessionOfIntent(world: World, intent: string): string | null {
  return world.tables.checkoutOrders.filter((order) => order.paymentIntent === intent)[0]?.id ?? null;
}

/** Where a person goes after paying. */
export function successUrlOf(session: Stripe.Checkout.Session): string {
  return (session.success_url ?? "").replaceAll("{CHECKOUT_SESSION_ID}", session.id);
}

function goOn(
  world: World,
  sessionId: string,
  customer: string | null,
  authentication?: "passed" | "failed",
): Step {
  const order = findOrder(world, sessionId);
  if (!order.waiting || !order.paymentIntent)
    return { kind: "refused", message: "Please enter your card again." };
  const session = findSession(world, sessionId);
  const intent = confirmIntent(world, order.paymentIntent, order.waiting.paymentMethod, {
    onSession: true,
    ...(authentication ? { authentication } : {}),
    ...(session.url ? { returnUrl: session.url } : {}),
  });
  if (intent.status === "requires_action") {
    return { kind: "authenticate", url: bankUrl(world, intent) };
  }
  if (intent.status !== "succeeded") {
    return { kind: "refused", message: intent.last_payment_error?.message ?? "Your card was declined." };
  }
  const { email, name, paymentMethod } = order.waiting;
  fulfillSession(world, sessionId, { customer, method: paymentMethod, intent: intent.id, email, name });
  return { kind: "done", url: successUrlOf(session) };
}

function createPayment(world: World, session: Stripe.Checkout.Session, customer: string | null): string {
  const order = findOrder(world, session.id);
  const isPayment = session.mode === "payment";
  return createIntent(world, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? "usd",
    customer,
    description: isPayment ? order.description : "Subscription creation",
    metadata: isPayment ? order.metadata : {},
    setupFutureUsage: !isPayment || order.saveCard ? "off_session" : null,
  }).id;
}

function ensureCustomer(world: World, session: Stripe.Checkout.Session, payer: Payer): string | null {
  const known = idOrNull(session.customer);
  if (known !== null) return known;
  if (session.mode === "payment" && session.customer_creation !== "always") return null;
  const customer = createCustomer(world, { email: payer.email, name: payer.name || null });
  emit(world, "customer.created", customer);
  amend(world, world.tables.checkoutSessions, session.id, { customer: customer.id });
  return customer.id;
}
