import type Stripe from "stripe";
import { findOrder, findSession } from "#sandbox/stripe/checkout/find-session.ts";
import { createReceipt } from "#sandbox/stripe/checkout/receipt.ts";
import { resolveTaxLocation } from "#sandbox/stripe/checkout/session-tax.ts";
import { attachMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { redeemDiscounts } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { createSubscription } from "#sandbox/stripe/subscriptions/create-subscription.ts";

export type CheckoutPayment = {
  customer: string | null;
  method: string | null;
  /** The successful payment intent; null when nothing was due. */
  intent: string | null;
  email: string;
  name: string;
};

/**
 * Completes a paid session: creates the subscription or the receipt invoice and marks the session complete.
 */
export function fulfillSession(
  world: World,
  sessionId: string,
  payment: CheckoutPayment,
): Stripe.Checkout.Session {
  const session = findSession(world, sessionId);
  const order = findOrder(world, sessionId);
  const taxFields = resolveTaxLocation(world, session, payment.customer);
  const purchase = createPurchase(world, session, order, payment);
  const fulfilled = findOrder(world, sessionId);
  const { collected } = fulfilled;
  world.tables.checkoutOrders.put({ ...fulfilled, paymentIntent: payment.intent, waiting: null });
  return amend(
    world,
    world.tables.checkoutSessions,
    sessionId,
    {
      ...purchase,
      ...taxFields,
      collected_information: {
        business_name: null,
        individual_name: payment.name || null,
        shipping_details: null,
      },
      customer: payment.customer,
      ...(collected ? { consent: collected.consent, custom_fields: collected.customFields } : {}),
      customer_details: {
        address: collected?.address ?? null,
        business_name: null,
        email: payment.email,
        individual_name: payment.name || null,
        name: payment.name || null,
        phone: collected?.phone ?? null,
        tax_exempt: "none",
        tax_ids: [],
      },
      payment_status: paymentStatusOf(world, payment.intent),
      status: "complete",
      url: null,
    },
    "checkout.session.completed",
  );
}

function createPurchase(
  world: World,
  session: Stripe.Checkout.Session,
  order: CheckoutOrder,
  payment: CheckoutPayment,
): Partial<Stripe.Checkout.Session> {
  if (session.mode === "setup") return {};
  return session.mode === "subscription"
    ? createPurchasedSubscription(world, session, order, payment)
    : completePayment(world, session, order, payment);
}

/** A session paid by direct debit completes as `unpaid`; the debit settles later. */
function paymentStatusOf(world: World, intent: string | null): Stripe.Checkout.Session.PaymentStatus {
  if (intent === null) return "no_payment_required";
  return world.tables.paymentIntents.get(intent)?.status === "succeeded" ? "paid" : "unpaid";
}

function createPurchasedSubscription(
  world: World,
  session: Stripe.Checkout.Session,
  order: CheckoutOrder,
  payment: CheckoutPayment,
): Partial<Stripe.Checkout.Session> {
  const customer = payment.customer ?? "";
  if (payment.method) attachMethod(world, payment.method, customer);
  const at = nowFor(world, customer);
  const isRecurring = (line: { price: string }) => world.tables.prices.get(line.price)?.recurring !== null;
  const subscription = createSubscription(
    world,
    {
      customer,
      items: order.lines.filter(isRecurring).map(({ price, quantity }) => ({ price, quantity })),
      metadata: order.metadata,
      description: order.description,
      defaultPaymentMethod: payment.method,
      trialEnd:
        order.trialEnd ?? (order.trialPeriodDays === null ? null : at + order.trialPeriodDays * 86_400),
      missingPaymentMethod: order.missingPaymentMethod,
      cancelAtPeriodEnd: false,
      cancelAt: null,
      // The customer's own discount is inherited, so it is not redeemed again.
      discounts: order.discounts.filter((request) => request.discount === undefined),
      areDiscountsValidated: true,
      automaticTax: session.automatic_tax.enabled,
    },
    {
      paidIntent: payment.intent,
      oneTimeItems: order.lines
        .filter((line) => !isRecurring(line))
        .map(({ price, quantity }) => ({ price, quantity, wasBoughtBefore: true })),
      // The buyer paid the session's amount, so other pending items wait for the next invoice.
      pendingItems: "subscription",
    },
  );
  return { invoice: subscription.latest_invoice, subscription: subscription.id };
}

/** Redeems the discounts and, once the payment has succeeded, creates the requested invoice. */
function completePayment(
  world: World,
  session: Stripe.Checkout.Session,
  order: CheckoutOrder,
  payment: CheckoutPayment,
): Partial<Stripe.Checkout.Session> {
  const { customer, intent, method } = payment;
  if (customer && method && order.saveCard) attachMethod(world, method, customer);
  const target = { customer, checkoutSession: session.id };
  const redeemedDiscounts = redeemDiscounts(world, order.discounts, target, null);
  const redeemed = world.tables.checkoutOrders.put({ ...order, redeemedDiscounts });
  // A delayed payment is invoiced when it succeeds.
  if (paymentStatusOf(world, intent) === "unpaid") return { payment_intent: intent };
  const invoice = createReceipt(world, { ...session, customer, payment_intent: intent }, redeemed);
  return { payment_intent: intent, ...(invoice === null ? {} : { invoice }) };
}
