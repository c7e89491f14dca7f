import { ask, askFor, isRefused, stripe } from "#lib/gateways/stripe-client.ts";
import { eventOf, type StripeEvent } from "#lib/gateways/stripe-event.ts";
import {
  checkoutSessionOf,
  priceOf,
  type StripeCheckoutSession,
  type StripePrice,
  type StripeSubscription,
  subscriptionOf,
} from "#lib/gateways/stripe-objects.ts";
import { taxAtCheckout } from "#lib/gateways/stripe-tax.ts";
import { trialData } from "#lib/gateways/stripe-trials.ts";

const pageSize = 100;

/** Makes a customer. The same key gives the same customer. @returns its id */
export async function createCustomer(
  customer: { email: string; name: string; workspaceId: string },
  idempotencyKey: string,
): Promise<string> {
  const { email, name, workspaceId } = customer;
  const made = await ask(() =>
    stripe().customers.create({ email, name, metadata: { workspace_id: workspaceId } }, { idempotencyKey }),
  );
  return made.id;
}

/** Whether a customer is still there: false when it was deleted, or is unknown to Stripe. */
export async function customerExists(customerId: string): Promise<boolean> {
  const customer = await askFor(() => stripe().customers.retrieve(customerId));
  return customer !== null && customer.deleted !== true;
}

/** Every subscription a customer ever had. */
export async function listSubscriptions(customerId: string): Promise<StripeSubscription[]> {
  return ask(async () => {
    const found: StripeSubscription[] = [];
    const expand = ["data.default_payment_method", "data.discounts.source.coupon"];
    const query = { customer: customerId, status: "all" as const, limit: pageSize, expand };
    for await (const subscription of stripe().subscriptions.list(query))
      found.push(subscriptionOf(subscription));
    return found;
  });
}

/** The invoice that a payment paid; null for one that paid none, such as a top-up. */
export async function findInvoicePaidBy(paymentIntentId: string): Promise<string | null> {
  const payment = { type: "payment_intent", payment_intent: paymentIntentId } as const;
  const page = await ask(() => stripe().invoicePayments.list({ payment, limit: 1 }));
  const invoice = page.data[0]?.invoice;
  return invoice === undefined ? null : typeof invoice === "string" ? invoice : invoice.id;
}

/** Whose charge it is; null for nobody's, or one that Stripe does not know. */
export async function findCustomerOfCharge(chargeId: string): Promise<string | null> {
  const charge = await askFor(() => stripe().charges.retrieve(chargeId));
  const customer = charge?.customer ?? null;
  return customer === null || typeof customer === "string" ? customer : customer.id;
}

/** A Checkout session; null when there is none with this id. */
export async function findCheckoutSession(id: string): Promise<StripeCheckoutSession | null> {
  const session = await askFor(() => stripe().checkout.sessions.retrieve(id));
  return session === null ? null : checkoutSessionOf(session);
}

type NewCheckout = {
  /** A subscription, or a payment that is made once. */
  mode: "subscription" | "payment";
  customerId: string;
  workspaceId: string;
  priceId: string;
  lookupKey: string;
  /** How long a subscription is tried before its first payment; null for one that is paid at once. */
  trialDays: number | null;
  successUrl: string;
  cancelUrl: string;
};

/**
 * Opens a Checkout for one of our prices. The same key gives the same session. A trial takes no promotion code, so that its
 * first payment is the price that was named; neither does credit, which is what its answers cost.
 */
export async function createCheckoutSession(
  checkout: NewCheckout,
  idempotencyKey: string,
): Promise<StripeCheckoutSession> {
  const { mode, customerId, workspaceId, priceId, lookupKey, trialDays, successUrl, cancelUrl } = checkout;
  const metadata = { workspace_id: workspaceId, lookup_key: lookupKey };
  const session = await ask(() =>
    stripe().checkout.sessions.create(
      {
        mode,
        customer: customerId,
        client_reference_id: workspaceId,
        line_items: [{ price: priceId, quantity: 1 }],
        success_url: successUrl,
        cancel_url: cancelUrl,
        metadata,
        allow_promotion_codes: mode === "subscription" && trialDays === null,
        ...taxAtCheckout(),
        ...(mode === "subscription"
          ? {
              subscription_data: { metadata, ...(trialDays !== null && trialData(metadata, trialDays)) },
              ...(trialDays !== null && { payment_method_collection: "always" }),
            }
          : { payment_intent_data: { metadata }, invoice_creation: { enabled: true } }),
      },
      { idempotencyKey },
    ),
  );
  return checkoutSessionOf(session);
}

/** Closes an open Checkout. @returns false when it was not open any more, so that it may have been paid */
export async function expireCheckoutSession(id: string): Promise<boolean> {
  try {
    await ask(() => stripe().checkout.sessions.expire(id));
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** Lets a subscription end with its period. Saying it twice changes nothing. */
export async function cancelSubscriptionAtPeriodEnd(id: string): Promise<void> {
  await ask(() => stripe().subscriptions.update(id, { cancel_at_period_end: true }));
}

/** Takes an announced end back, whichever way it was announced. */
export async function keepSubscription(id: string, announced: "period_end" | "date"): Promise<void> {
  const change = announced === "period_end" ? { cancel_at_period_end: false } : { cancel_at: "" as const };
  await ask(() => stripe().subscriptions.update(id, change));
}

/** Opens Stripe's portal for a customer. @returns its address, good for a few minutes */
export async function createPortalSession(customerId: string, returnUrl: string): Promise<string> {
  const session = await ask(() =>
    stripe().billingPortal.sessions.create({ customer: customerId, return_url: returnUrl }),
  );
  return session.url;
}

/** Events that Stripe could not deliver, or not yet, newest first. */
export async function* undeliveredEvents(): AsyncGenerator<StripeEvent> {
  let after: string | undefined;
  do {
    const query = { delivery_success: false, limit: pageSize, ...(after && { starting_after: after }) };
    const page = await ask(() => stripe().events.list(query));
    yield* page.data.map((event) => eventOf(event));
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after !== undefined);
}

/**
 * Makes a product, or brings it to this name and description.
 * @param dryRun look only
 * @returns whether there was (or would be) something to change
 */
export async function putProduct(
  product: { id: string; name: string; description: string },
  dryRun: boolean,
): Promise<boolean> {
  const { id, ...said } = product;
  const known = await askFor(() => stripe().products.retrieve(id));
  const isSame =
    known !== null && known.name === said.name && known.description === said.description && known.active;
  if (isSame || dryRun) return !isSame;
  await ask(() =>
    known === null
      ? stripe().products.create(product)
      : stripe().products.update(id, { ...said, active: true }),
  );
  return true;
}

/** A price to be made; without an interval it is paid once. */
export type NewPrice = {
  productId: string;
  lookupKey: string;
  cents: number;
  interval: "month" | "year" | null;
};

/** Makes a price that takes over its lookup key from an older one. */
export async function createPrice(price: NewPrice): Promise<StripePrice> {
  const { productId, lookupKey, cents, interval } = price;
  const made = await ask(() =>
    stripe().prices.create({
      product: productId,
      currency: "usd",
      unit_amount: cents,
      ...(interval !== null && { recurring: { interval } }),
      lookup_key: lookupKey,
      transfer_lookup_key: true,
      metadata: { lookup_key: lookupKey },
    }),
  );
  return priceOf(made);
}

/** Takes a price off the shelf; who has it keeps it. */
export async function retirePrice(id: string): Promise<void> {
  await ask(() => stripe().prices.update(id, { active: false }));
}
