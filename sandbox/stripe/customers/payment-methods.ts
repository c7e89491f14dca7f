import type Stripe from "stripe";
import { addressParams, toAddress } from "#sandbox/stripe/customers/address-params.ts";
import { createMethod, methodParams } from "#sandbox/stripe/customers/create-method.ts";
import { createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { findTestCardNumber } from "#sandbox/stripe/customers/test-payment-methods.ts";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { email } from "#sandbox/stripe/protocol/email.ts";
import { invalid, missing, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  object,
  oneOf,
  pairs,
  paramsOf,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.PaymentMethodCreateParams>()(methodParams);
const updateParams = paramsOf<Stripe.PaymentMethodUpdateParams>()({
  allow_redisplay: oneOf("always", "limited", "unspecified"),
  billing_details: object({
    address: addressParams,
    email: clearable(email()),
    name: clearable(text()),
    phone: clearable(text()),
  }),
  card: object({ exp_month: whole(), exp_year: whole() }),
  metadata: pairs(),
});
const attachParams = paramsOf<Stripe.PaymentMethodAttachParams>()({ customer: required(text()) });
const listParams = paramsOf<Stripe.PaymentMethodListParams>()({ customer: text(), type: text() });
const customerListParams = paramsOf<Stripe.CustomerListPaymentMethodsParams>()({ type: text() });

export const paymentMethodRoutes: Route[] = [
  route("POST", "/v1/payment_methods", createParams, ({ world, params }) => createMethod(world, params)),
  route("GET", "/v1/payment_methods/:id", paramsOf<object>()({}), ({ world, id }) => findMethod(world, id)),
  route("POST", "/v1/payment_methods/:id", updateParams, ({ world, id, params }) => {
    const method = findMethod(world, id);
    return amend(world, world.tables.paymentMethods, id, toPatch(method, params), "payment_method.updated");
  }),
  route("POST", "/v1/payment_methods/:id/attach", attachParams, ({ world, id, params }) => {
    if (!world.tables.customers.get(params.customer)) throw missing("customer", params.customer, "customer");
    return attachMethod(world, id, params.customer);
  }),
  route("POST", "/v1/payment_methods/:id/detach", paramsOf<object>()({}), ({ world, id }) => {
    const method = findMethod(world, id);
    if (method.customer === null) {
      throw invalid(
        "The payment method you provided is not attached to a customer so detachment is impossible.",
      );
    }
    return detachMethod(world, method);
  }),
  listRoute("/v1/payment_methods", listParams, ({ world, params }) =>
    world.tables.paymentMethods.filter(
      (method) =>
        method.customer !== null && method.customer === params.customer && isOfType(method, params.type),
    ),
  ),
  listRoute("/v1/customers/:id/payment_methods", customerListParams, ({ world, id, params }) =>
    world.tables.paymentMethods.filter((method) => method.customer === id && isOfType(method, params.type)),
  ),
  route("GET", "/v1/customers/:id/payment_methods/:method", paramsOf<object>()({}), ({ world, id, ids }) => {
    const method = findMethod(world, ids.method ?? "");
    if (method.customer !== id) throw missing("PaymentMethod", method.id);
    return method;
  }),
];

/**
 * Returns a payment method by id; test ids like `pm_card_visa` create one. Throws `resource_missing`
 * otherwise.
 */
export function findMethod(world: World, id: string, param?: string): Stripe.PaymentMethod {
  const existing = world.tables.paymentMethods.get(id);
  if (existing) return existing;
  const number = findTestCardNumber(id);
  if (number === undefined) throw missing("PaymentMethod", id, param);
  const expYear = new Date(world.now() * 1000).getUTCFullYear() + 3;
  return createCardMethod(world, { number, expMonth: 12, expYear, name: null, email: null }, world.now());
}

/** Attaches a card to a customer. Throws 402 for test cards that decline when attached. */
export function attachMethod(world: World, id: string, customer: string): Stripe.PaymentMethod {
  const method = findMethod(world, id, "payment_method");
  if (method.customer === customer) return method;
  if (method.customer !== null) {
    throw invalid(
      "The payment method you provided has already been attached to a customer.",
      "payment_method",
    );
  }
  if (method.type !== "card") {
    throw invalid(
      "The sandbox attaches cards only; debits and bank transfers pay single payments.",
      "payment_method",
    );
  }
  const decline = findTestCard(world.tables.cards.get(method.id)?.number ?? "")?.attachDecline;
  if (decline) {
    throw new StripeFailure(402, "card_error", decline.message, {
      code: decline.code,
      ...(decline.declineCode ? { declineCode: decline.declineCode } : {}),
    });
  }
  const attached = world.tables.paymentMethods.put({ ...method, customer });
  emit(world, "payment_method.attached", attached);
  return attached;
}

/**
 * Returns the id of the default payment method of the subscription, else of the customer; null without one.
 */
export function methodToCharge(
  world: World,
  subscription: Stripe.Subscription | null,
  customer: string,
): string | null {
  const own = subscription?.default_payment_method;
  const owner = world.tables.customers.get(customer);
  const chosen = own ?? owner?.invoice_settings.default_payment_method ?? owner?.default_source ?? null;
  return chosen === null || typeof chosen === "string" ? chosen : chosen.id;
}

function toPatch(
  method: Stripe.PaymentMethod,
  { billing_details: billing, card, allow_redisplay, metadata }: ReturnType<typeof updateParams>,
): Partial<Stripe.PaymentMethod> {
  const { address, ...rest } = billing ?? {};
  return {
    ...given({ allow_redisplay }),
    billing_details: {
      ...method.billing_details,
      ...given(rest),
      ...(address === undefined ? {} : { address: toAddress(address) }),
    },
    ...(card && method.card ? { card: { ...method.card, ...given(card) } } : {}),
    metadata: mergeMetadata(method.metadata ?? {}, metadata),
  };
}

/** Detaches a payment method from its customer and clears it as a default. */
export function detachMethod(world: World, method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  clearDefaults(world, String(method.customer), method.id);
  return amend(world, world.tables.paymentMethods, method.id, { customer: null }, "payment_method.detached");
}

function clearDefaults(world: World, customerId: string, method: string): void {
  const customer = world.tables.customers.get(customerId);
  if (customer?.invoice_settings.default_payment_method === method) {
    const settings = { ...customer.invoice_settings, ...given({ default_payment_method: null }) };
    amend(world, world.tables.customers, customerId, { invoice_settings: settings }, "customer.updated");
  }
  for (const subscription of world.tables.subscriptions.filter(
    (row) => row.default_payment_method === method,
  )) {
    const patch = { default_payment_method: null };
    amend(world, world.tables.subscriptions, subscription.id, patch, "customer.subscription.updated");
  }
}

function isOfType(method: Stripe.PaymentMethod, type: string | undefined): boolean {
  return type === undefined || method.type === type;
}
