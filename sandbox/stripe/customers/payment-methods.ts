import type Stripe from "stripe";
import { createCardMethod } from "#sandbox/stripe/customers/payment-method-object.ts";
import { findTestCard } from "#sandbox/stripe/payments/test-cards.ts";
import { invalid, missing, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { object, oneOf, pairs, paramsOf, required, text, whole } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, emit } from "#sandbox/stripe/state/emit.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const createParams = paramsOf<Stripe.PaymentMethodCreateParams>()({
  type: required(oneOf("card")),
  card: object({ number: text(), exp_month: whole(), exp_year: whole(), cvc: text(), token: text() }),
  billing_details: object({ email: text(), name: text() }),
  metadata: pairs(),
});
const updateParams = paramsOf<Stripe.PaymentMethodUpdateParams>()({ metadata: pairs() });
const attachParams = paramsOf<Stripe.PaymentMethodAttachParams>()({ customer: required(text()) });
const listParams = paramsOf<Stripe.PaymentMethodListParams>()({ customer: text(), type: text() });
const customerListParams = paramsOf<Stripe.CustomerListPaymentMethodsParams>()({ type: text() });

/** Stripe's ready-made test methods and tokens, by the card behind them. */
const readyMade: Record<string, string> = {
  pm_card_visa: "4242424242424242",
  tok_visa: "4242424242424242",
  pm_card_mastercard: "5555555555554444",
  tok_mastercard: "5555555555554444",
  pm_card_amex: "378282246310005",
  tok_amex: "378282246310005",
  pm_card_visa_debit: "4000056655665556",
  pm_card_chargeDeclined: "4000000000000002",
  tok_chargeDeclined: "4000000000000002",
  pm_card_visa_chargeDeclined: "4000000000000002",
  pm_card_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_visa_chargeDeclinedInsufficientFunds: "4000000000009995",
  pm_card_chargeCustomerFail: "4000000000000341",
  tok_chargeCustomerFail: "4000000000000341",
  pm_card_authenticationRequired: "4000002760003184",
  pm_card_authenticationRequiredOnSetup: "4000002500003155",
  pm_card_threeDSecure2Required: "4000002760003184",
};

export const paymentMethodRoutes: Route[] = [
  route("POST", "/v1/payment_methods", createParams, ({ world, params }) => {
    const number = params.card?.token
      ? readyMade[params.card.token]
      : params.card?.number?.replaceAll(" ", "");
    if (number === undefined)
      throw invalid("Missing required param: card[number].", "card[number]", "parameter_missing");
    if (!findTestCard(number)) {
      throw new StripeFailure(402, "card_error", "Your card number is incorrect.", {
        code: "incorrect_number",
        param: "number",
      });
    }
    const details = {
      number,
      expMonth: params.card?.exp_month ?? 12,
      expYear: params.card?.exp_year ?? new Date().getUTCFullYear() + 3,
      name: params.billing_details?.name ?? null,
      email: params.billing_details?.email ?? null,
    };
    const method = createCardMethod(world, details, world.now());
    return world.tables.paymentMethods.put({ ...method, metadata: mergeMetadata({}, params.metadata) });
  }),
  route("GET", "/v1/payment_methods/:id", paramsOf<object>()({}), ({ world, id }) => findMethod(world, id)),
  route("POST", "/v1/payment_methods/:id", updateParams, ({ world, id, params }) => {
    const method = findMethod(world, id);
    const patch = { metadata: mergeMetadata(method.metadata ?? {}, params.metadata) };
    return amend(world, world.tables.paymentMethods, id, patch, "payment_method.updated");
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
    forgetDefault(world, String(method.customer), id);
    return amend(world, world.tables.paymentMethods, id, { customer: null }, "payment_method.detached");
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

/** A payment method that must exist; Stripe's ready-made ones are made on first sight. */
export function findMethod(world: World, id: string, param?: string): Stripe.PaymentMethod {
  const known = world.tables.paymentMethods.get(id);
  if (known) return known;
  const number = readyMade[id];
  if (number === undefined) throw missing("PaymentMethod", id, param);
  const expYear = new Date(world.now() * 1000).getUTCFullYear() + 3;
  return createCardMethod(world, { number, expMonth: 12, expYear, name: null, email: null }, world.now());
}

/** Gives a card to a customer. Throws the card's own refusal (402) when it is one that does not attach. */
export function attachMethod(world: World, id: string, customer: string): Stripe.PaymentMethod {
  const method = findMethod(world, id, "payment_method");
  if (method.customer === customer) return method;
  if (method.customer !== null) {
    throw invalid(
      "The payment method you provided has already been attached to a customer.",
      "payment_method",
    );
  }
  const refusal = findTestCard(world.tables.cards.get(method.id)?.number ?? "")?.attachDecline;
  if (refusal) {
    throw new StripeFailure(402, "card_error", refusal.message, {
      code: refusal.code,
      ...(refusal.declineCode ? { declineCode: refusal.declineCode } : {}),
    });
  }
  const attached = world.tables.paymentMethods.put({ ...method, customer });
  emit(world, "payment_method.attached", attached);
  return attached;
}

/** The card a subscription is charged on: its own, else its customer's; null when there is none. */
export function methodToCharge(
  world: World,
  subscription: Stripe.Subscription | null,
  customer: string,
): string | null {
  const own = subscription?.default_payment_method;
  const fallback = world.tables.customers.get(customer)?.invoice_settings.default_payment_method;
  const chosen = own ?? fallback ?? null;
  return chosen === null || typeof chosen === "string" ? chosen : chosen.id;
}

function forgetDefault(world: World, customerId: string, method: string): void {
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
