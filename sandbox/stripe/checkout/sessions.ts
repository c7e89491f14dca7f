import type Stripe from "stripe";
import { findPrice } from "#sandbox/stripe/catalog/prices.ts";
import { findOrder, findSession } from "#sandbox/stripe/checkout/find-session.ts";
import { readOrderLines } from "#sandbox/stripe/checkout/read-order-lines.ts";
import {
  assertChargeable,
  assertOrderDiscounts,
  initialDiscounts,
  sessionTotals,
} from "#sandbox/stripe/checkout/session-discount.ts";
import { buildSession, orderAmountDue, toLineItems } from "#sandbox/stripe/checkout/session-object.ts";
import { optionFields } from "#sandbox/stripe/checkout/session-options.ts";
import { type SessionParams, sessionParams } from "#sandbox/stripe/checkout/session-params.ts";
import { assertTaxable } from "#sandbox/stripe/checkout/session-tax.ts";
import { toShipping } from "#sandbox/stripe/customers/address-params.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { createSetup } from "#sandbox/stripe/payments/setup-object.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { assertTrialDays, assertTrialEnd } from "#sandbox/stripe/protocol/moments.ts";
import { inRange, object, oneOf, paramsOf, range, required, text } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import type { CheckoutOrder } from "#sandbox/stripe/state/tables.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const daySeconds = 86_400;
/** How long the recovery link of an expired session works. */
const recoverySeconds = 30 * daySeconds;
const dataModes = [
  ["payment_intent_data", "payment"],
  ["subscription_data", "subscription"],
  ["setup_intent_data", "setup"],
] as const;
const listParams = paramsOf<Stripe.Checkout.SessionListParams>()({
  created: range(),
  customer: text(),
  customer_details: object({ email: required(text()) }),
  payment_intent: text(),
  status: oneOf("open", "complete", "expired"),
  subscription: text(),
});

export const checkoutRoutes: Route[] = [
  route("POST", "/v1/checkout/sessions", sessionParams, ({ world, params }) => createSession(world, params)),
  route("GET", "/v1/checkout/sessions/:id", paramsOf<object>()({}), ({ world, id }) =>
    findSession(world, id),
  ),
  route("POST", "/v1/checkout/sessions/:id/expire", paramsOf<object>()({}), ({ world, id }) => {
    const session = findSession(world, id);
    if (session.status !== "open") {
      throw invalid('Only Checkout Sessions with a status in ["open"] can be expired.');
    }
    return expireSession(world, id);
  }),
  listRoute("/v1/checkout/sessions/:id/line_items", paramsOf<object>()({}), ({ world, id }) =>
    // List routes reverse their rows; line items keep the order of the request.
    toLineItems(world, findOrder(world, findSession(world, id).id)).reverse(),
  ),
  listRoute("/v1/checkout/sessions", listParams, ({ world, params }) =>
    world.tables.checkoutSessions.filter(
      (session) =>
        (params.customer === undefined || session.customer === params.customer) &&
        (params.customer_details === undefined ||
          session.customer_details?.email === params.customer_details.email) &&
        (params.payment_intent === undefined || session.payment_intent === params.payment_intent) &&
        (params.status === undefined || session.status === params.status) &&
        (params.subscription === undefined || session.subscription === params.subscription) &&
        inRange(session.created, params.created),
    ),
  ),
];

/** Expires an open session. */
export function expireSession(world: World, id: string): Stripe.Checkout.Session {
  const { after_expiration: after } = findSession(world, id);
  const recovery = after?.recovery?.enabled
    ? {
        ...after.recovery,
        expires_at: world.now() + recoverySeconds,
        url: `${world.baseUrl}/c/recover/${id}`,
      }
    : null;
  const patch = {
    ...(recovery ? { after_expiration: { recovery } } : {}),
    status: "expired",
    url: null,
  };
  return amend(world, world.tables.checkoutSessions, id, patch, "checkout.session.expired");
}

/** Creates an open session. */
export function createSession(world: World, params: SessionParams): Stripe.Checkout.Session {
  if (params.customer !== undefined && params.customer_email !== undefined) {
    throw invalid("You may only specify one of these parameters: customer, customer_email.", "customer");
  }
  if (params.customer !== undefined) findCustomer(world, params.customer, "customer");
  assertTaxable(world, params);
  const at = nowFor(world, params.customer ?? null);
  const expiresAt = params.expires_at ?? at + daySeconds;
  if (params.expires_at !== undefined && (expiresAt < at + 1800 || expiresAt > at + daySeconds)) {
    throw invalid(
      "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
      "expires_at",
    );
  }
  if (params.mode !== "payment" && params.allowed_payment_method_types?.includes("sepa_debit")) {
    throw invalid(
      "The sandbox supports direct debits in `payment` mode only.",
      "allowed_payment_method_types",
    );
  }
  const order = readOrder(world, params, at);
  const currency = params.mode === "setup" ? setupCurrency(params) : orderCurrency(world, order);
  const session = buildSession(
    world,
    {
      mode: params.mode,
      customer: params.customer ?? null,
      customerEmail: params.customer_email ?? null,
      customerCreation: params.customer_creation ?? null,
      clientReferenceId: params.client_reference_id ?? null,
      ...readRedirects(params),
      cancelUrl: params.cancel_url ?? null,
      metadata: mergeMetadata({}, params.metadata),
      allowPromotionCodes: params.allow_promotion_codes ?? null,
      invoiceCreation: params.invoice_creation?.enabled ?? false,
      paymentMethodCollection: params.payment_method_collection ?? null,
      locale: params.locale ?? null,
      expiresAt,
      currency,
      methodTypes: params.allowed_payment_method_types ?? null,
      automaticTax: params.automatic_tax?.enabled ?? false,
      taxIdCollection: params.tax_id_collection?.enabled ?? false,
      options: optionFields(params),
    },
    orderAmountDue(world, order),
    at,
  );
  world.tables.checkoutOrders.put({ ...order, id: session.id });
  if (params.mode !== "setup") {
    assertOrderDiscounts(world, order, params.customer ?? null);
    assertChargeable(session.mode, session.currency, orderAmountDue(world, order));
    return world.tables.checkoutSessions.put({ ...session, ...sessionTotals(world, order) });
  }
  const setup = createSetup(world, {
    customer: params.customer ?? null,
    description: params.setup_intent_data?.description ?? null,
    metadata: mergeMetadata({}, params.setup_intent_data?.metadata),
    method: null,
    usage: "off_session",
  });
  world.tables.checkoutOrders.put({ ...order, id: session.id, setupIntent: setup.id });
  return world.tables.checkoutSessions.put({ ...session, setup_intent: setup.id });
}

/** Reads the redirect URLs: `success_url` of a hosted page, `return_url` of an embedded one. */
function readRedirects(params: SessionParams) {
  const { redirect_on_completion: redirect = "always", return_url: returnUrl } = params;
  if (params.ui_mode !== "embedded_page") {
    if (params.success_url === undefined) {
      throw invalid("Missing required param: success_url.", "success_url", "parameter_missing");
    }
    return { successUrl: params.success_url, embedded: null };
  }
  for (const name of ["success_url", "cancel_url"] as const) {
    if (params[name] === undefined) continue;
    throw invalid(`You cannot pass \`${name}\` when \`ui_mode\` is \`embedded_page\`.`, name);
  }
  if (returnUrl === undefined && redirect !== "never") {
    throw invalid("Missing required param: return_url.", "return_url", "parameter_missing");
  }
  return { successUrl: null, embedded: { redirect, returnUrl: returnUrl ?? null } };
}

/** Returns the currency of a `setup` session, which has no line items. */
function setupCurrency(params: SessionParams): string | null {
  if (params.line_items !== undefined) {
    throw invalid("You can not pass `line_items` in `setup` mode.", "line_items");
  }
  if (params.currency === undefined && params.allowed_payment_method_types === undefined) {
    throw invalid("Missing required param: currency.", "currency", "parameter_missing");
  }
  return params.currency ?? null;
}

function readOrder(world: World, params: SessionParams, at: number): CheckoutOrder {
  const plan = params.subscription_data;
  if (plan?.trial_period_days !== undefined && plan.trial_period_days < 1) {
    throw invalid(
      "Invalid integer: must be at least 1",
      "subscription_data[trial_period_days]",
      "parameter_invalid_integer",
    );
  }
  if (plan?.trial_end !== undefined && plan.trial_end < at + 2 * daySeconds) {
    throw invalid(
      "The `trial_end` date has to be at least 2 days in the future.",
      "subscription_data[trial_end]",
    );
  }
  if (plan?.trial_end !== undefined) assertTrialEnd(plan.trial_end, at, "subscription_data[trial_end]");
  assertTrialDays(plan?.trial_period_days, "subscription_data[trial_period_days]");
  for (const [data, mode] of dataModes) {
    if (mode !== params.mode && params[data] !== undefined) {
      throw invalid(`You can not pass \`${data}\` in \`${params.mode}\` mode.`, data);
    }
  }
  return {
    id: "",
    lines: readOrderLines(world, params),
    metadata: mergeMetadata({}, plan?.metadata ?? params.payment_intent_data?.metadata),
    description: plan?.description ?? params.payment_intent_data?.description ?? null,
    trialPeriodDays: plan?.trial_period_days ?? null,
    trialEnd: plan?.trial_end ?? null,
    missingPaymentMethod: plan?.trial_settings?.end_behavior?.missing_payment_method ?? "create_invoice",
    shipping: toShipping(params.payment_intent_data?.shipping),
    discounts: initialDiscounts(world, params),
    redeemedDiscounts: [],
    saveCard: params.payment_intent_data?.setup_future_usage !== undefined,
    paymentIntent: null,
    setupIntent: null,
    waiting: null,
  };
}

/** Returns the currency of the first line item. Throws when there is none. */
function orderCurrency(world: World, { lines: [first] }: CheckoutOrder): string {
  if (!first) throw invalid("You must specify at least one line item.", "line_items", "parameter_missing");
  return findPrice(world, first.price).currency;
}
