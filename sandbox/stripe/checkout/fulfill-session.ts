import type Stripe from "stripe";
import { amountFor } from "#sandbox/stripe/catalog/price-amount.ts";
import { findProductName } from "#sandbox/stripe/catalog/prices.ts";
import { findOrder, findSession } from "#sandbox/stripe/checkout/find-session.ts";
import { orderAmountDue } from "#sandbox/stripe/checkout/session-object.ts";
import { resolveTaxLocation } from "#sandbox/stripe/checkout/session-tax.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { attachMethod } from "#sandbox/stripe/customers/payment-methods.ts";
import { findActiveTerms } from "#sandbox/stripe/discounts/discount-terms.ts";
import { redeemDiscounts } from "#sandbox/stripe/discounts/redeem-discounts.ts";
import { createInvoiceItem } from "#sandbox/stripe/invoices/create-invoice-item.ts";
import { draftInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { finalizeAndCollect } from "#sandbox/stripe/subscriptions/collect.ts";
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
  world.tables.checkoutOrders.put({ ...order, paymentIntent: payment.intent, waiting: null });
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
      customer_details: {
        address: null,
        business_name: null,
        email: payment.email,
        individual_name: payment.name || null,
        name: payment.name || null,
        phone: null,
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
    : createReceipt(world, session, order, payment);
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
  for (const line of order.lines) addOneTimeItem(world, line, customer, at);
  const subscription = createSubscription(
    world,
    {
      customer,
      items: order.lines
        .filter((line) => world.tables.prices.get(line.price)?.recurring)
        .map(({ price, quantity }) => ({ price, quantity })),
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
    { paidIntent: payment.intent },
  );
  return { invoice: subscription.latest_invoice, subscription: subscription.id };
}

function createReceipt(
  world: World,
  session: Stripe.Checkout.Session,
  order: CheckoutOrder,
  payment: CheckoutPayment,
): Partial<Stripe.Checkout.Session> {
  const { customer, intent, method } = payment;
  if (customer && method && order.saveCard) attachMethod(world, method, customer);
  const target = { customer, checkoutSession: session.id };
  const discounts = findActiveTerms(world, redeemDiscounts(world, order.discounts, target, null));
  if (!customer || !session.invoice_creation?.enabled) return { payment_intent: intent };
  const at = nowFor(world, customer);
  for (const line of order.lines) addOneTimeItem(world, line, customer, at);
  const invoice = draftInvoice(world, {
    customer: findCustomer(world, customer),
    currency: session.currency ?? "usd",
    subscription: null,
    reason: "manual",
    parts: [],
    period: { start: at, end: at },
    discounts,
    metadata: order.metadata,
    automaticTax: session.automatic_tax.enabled,
  });
  if (orderAmountDue(world, order) > 0)
    finalizeAndCollect(world, invoice.id, { onSession: true, reuseIntent: intent });
  return { invoice: invoice.id, payment_intent: intent };
}

/** Adds a one-time price as a pending invoice item, which the next invoice bills. */
function addOneTimeItem(
  world: World,
  line: { price: string; quantity: number },
  customer: string,
  at: number,
): void {
  const price = world.tables.prices.get(line.price);
  if (!price || price.recurring) return;
  createInvoiceItem(world, {
    amount: amountFor(world, price, line.quantity),
    customer,
    description: findProductName(world, price),
    period: { start: at, end: at },
    price,
    quantity: line.quantity,
    isProration: false,
    subscription: null,
    subscriptionItem: null,
    metadata: {},
  });
}
