import type Stripe from "stripe";
import { toShipping } from "#sandbox/stripe/customers/address-params.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { cancelIntent, captureIntent } from "#sandbox/stripe/payments/capture.ts";
import { confirmByCall, methodFor, refuseState } from "#sandbox/stripe/payments/confirm-call.ts";
import { findIntent } from "#sandbox/stripe/payments/find-payment.ts";
import { invoiceOfIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { createIntent } from "#sandbox/stripe/payments/intent-object.ts";
import {
  intentCancelParams,
  intentCaptureParams,
  intentConfirmParams,
  intentCreateParams,
  intentListParams,
  intentUpdateParams,
} from "#sandbox/stripe/payments/intent-params.ts";
import { isTooSmall, tooSmall } from "#sandbox/stripe/payments/minimum-charge.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import { inRange, paramsOf } from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const path = "/v1/payment_intents";
/** Maximum amount of a payment: eight digits. */
const largestAmount = 99_999_999;
const changeable = ["requires_payment_method", "requires_confirmation", "requires_action"];

export const paymentIntentRoutes: Route[] = [
  route("POST", path, intentCreateParams, ({ world, params }) => createByCall(world, params)),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findIntent(world, id)),
  route("POST", `${path}/:id`, intentUpdateParams, ({ world, id, params }) =>
    updateIntent(world, findIntent(world, id), params),
  ),
  route("POST", `${path}/:id/confirm`, intentConfirmParams, ({ world, id, params }) => {
    findIntent(world, id);
    const patch = given({ capture_method: params.capture_method });
    return confirmByCall(world, amend(world, world.tables.paymentIntents, id, patch), params);
  }),
  route("POST", `${path}/:id/capture`, intentCaptureParams, ({ world, id, params }) => {
    const metadata = mergeMetadata(findIntent(world, id).metadata, params.metadata);
    const intent = amend(world, world.tables.paymentIntents, id, { metadata });
    return captureIntent(world, intent, params.amount_to_capture);
  }),
  route("POST", `${path}/:id/cancel`, intentCancelParams, ({ world, id, params }) => {
    const intent = findIntent(world, id);
    if (intent.status === "succeeded" || intent.status === "canceled") throw refuseState("cancel", intent);
    if (invoiceOfIntent(world, id)) {
      throw invalid(
        "You cannot cancel this PaymentIntent because it was created by an Invoice. Void the Invoice instead.",
      );
    }
    return cancelIntent(world, intent, params.cancellation_reason ?? null);
  }),
  listRoute(path, intentListParams, ({ world, params }) =>
    world.tables.paymentIntents.filter(
      (intent) =>
        (params.customer === undefined || intent.customer === params.customer) &&
        inRange(intent.created, params.created),
    ),
  ),
];

function createByCall(world: World, params: ReturnType<typeof intentCreateParams>): Stripe.PaymentIntent {
  checkAmount(params.amount, params.currency);
  for (const name of ["off_session", "return_url", "error_on_requires_action"] as const) {
    if (params[name] !== undefined && !params.confirm) {
      throw invalid(`You can only pass \`${name}\` when \`confirm\` is true.`, name);
    }
  }
  if (params.customer !== undefined) findCustomer(world, params.customer, "customer");
  const method = methodFor(world, params, params.customer ?? null);
  const types = params.allowed_payment_method_types;
  const intent = createIntent(world, {
    amount: params.amount,
    currency: params.currency,
    customer: params.customer ?? null,
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    receiptEmail: params.receipt_email ?? null,
    setupFutureUsage: params.setup_future_usage ?? null,
    more: {
      allowed_payment_method_types: types ?? null,
      automatic_payment_methods:
        types === undefined
          ? { enabled: true, allow_redirects: "always", ...given(params.automatic_payment_methods ?? {}) }
          : null,
      capture_method: params.capture_method ?? "automatic",
      confirmation_method: params.confirmation_method ?? "automatic",
      payment_method: method,
      ...optionsOf(params),
      payment_method_types: types ?? ["card"],
      shipping: toShipping(params.shipping ?? undefined),
      statement_descriptor: params.statement_descriptor ?? null,
      statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
      status: method === null ? "requires_payment_method" : "requires_confirmation",
    },
  });
  // The payment has its method by now.
  const rest = { ...params, payment_method: undefined, payment_method_data: undefined };
  return params.confirm ? confirmByCall(world, intent, rest) : intent;
}

/** The bank transfer options, if requested. */
function optionsOf(params: ReturnType<typeof intentCreateParams>): Partial<Stripe.PaymentIntent> {
  const transfer = params.payment_method_options?.customer_balance;
  if (!transfer) return {};
  const customer_balance: Stripe.PaymentIntent.PaymentMethodOptions.CustomerBalance = {
    ...given({ bank_transfer: transfer.bank_transfer }),
    funding_type: transfer.funding_type ?? null,
  };
  return { payment_method_options: { customer_balance } };
}

function updateIntent(
  world: World,
  intent: Stripe.PaymentIntent,
  params: ReturnType<typeof intentUpdateParams>,
): Stripe.PaymentIntent {
  const { metadata, description, payment_method: named, payment_method_data, shipping, ...rest } = params;
  const isSettled = !changeable.includes(intent.status);
  if (
    isSettled &&
    [named, payment_method_data, ...Object.values(rest)].some((value) => value !== undefined)
  ) {
    throw refuseState("update", intent);
  }
  if (rest.amount !== undefined || rest.currency !== undefined) {
    checkAmount(rest.amount ?? intent.amount, rest.currency ?? intent.currency);
  }
  if (rest.customer !== undefined) findCustomer(world, rest.customer, "customer");
  const customer = rest.customer ?? idOrNull(intent.customer);
  const touched = named !== undefined || payment_method_data !== undefined || rest.amount !== undefined;
  const chosen =
    named === null
      ? null
      : (methodFor(world, { ...given({ payment_method: named, payment_method_data }) }, customer) ??
        idOrNull(intent.payment_method));
  const patch: Partial<Stripe.PaymentIntent> = {
    ...given(rest),
    ...given({ description }),
    ...(shipping === undefined ? {} : { shipping: toShipping(shipping ?? undefined) }),
    metadata: mergeMetadata(intent.metadata, metadata),
    payment_method: chosen,
    ...(touched && !isSettled
      ? { status: chosen === null ? "requires_payment_method" : "requires_confirmation", next_action: null }
      : {}),
  };
  // Stripe sends no event for an update, only for outcomes.
  return amend(world, world.tables.paymentIntents, intent.id, patch);
}

function checkAmount(amount: number, currency: string): void {
  if (amount < 1) {
    throw invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer");
  }
  if (amount > largestAmount) {
    throw invalid(
      "Amount must be no more than 99999999 in the smallest unit of its currency",
      "amount",
      "amount_too_large",
    );
  }
  if (isTooSmall(amount, currency)) throw tooSmall("Amount must be", currency, "amount");
}
