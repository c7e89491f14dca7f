import type Stripe from "stripe";
import { methodDataParams } from "#sandbox/stripe/customers/create-method.ts";
import { findCustomer } from "#sandbox/stripe/customers/find-customer.ts";
import { confirmFields, methodFor } from "#sandbox/stripe/payments/confirm-call.ts";
import { confirmSetup } from "#sandbox/stripe/payments/confirm-setup.ts";
import { createSetup } from "#sandbox/stripe/payments/setup-object.ts";
import { missing, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  inRange,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

const shared = {
  mandate_data: confirmFields.mandate_data,
  payment_method: text(),
  payment_method_data: methodDataParams,
  return_url: text(),
  use_stripe_sdk: flag(),
};
const createParams = paramsOf<Stripe.SetupIntentCreateParams>()({
  ...shared,
  allowed_payment_method_types: list(oneOf("card")),
  automatic_payment_methods: object({
    enabled: required(flag()),
    allow_redirects: oneOf("always", "never"),
  }),
  confirm: flag(),
  customer: text(),
  description: text(),
  metadata: pairs(),
  usage: oneOf("off_session", "on_session"),
});
const updateParams = paramsOf<Stripe.SetupIntentUpdateParams>()({
  customer: text(),
  description: clearable(text()),
  metadata: pairs(),
  payment_method: text(),
  payment_method_data: methodDataParams,
});
const confirmParams = paramsOf<Stripe.SetupIntentConfirmParams>()(shared);
const cancelParams = paramsOf<Stripe.SetupIntentCancelParams>()({
  cancellation_reason: oneOf("abandoned", "duplicate", "requested_by_customer"),
});
const listParams = paramsOf<Stripe.SetupIntentListParams>()({
  created: range(),
  customer: text(),
  payment_method: text(),
});
const attemptListParams = paramsOf<Stripe.SetupAttemptListParams>()({
  created: range(),
  setup_intent: required(text()),
});
const path = "/v1/setup_intents";

export const setupIntentRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => createByCall(world, params)),
  route("GET", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => findSetup(world, id)),
  route("POST", `${path}/:id`, updateParams, ({ world, id, params }) =>
    updateSetup(world, findSetup(world, id), params),
  ),
  route("POST", `${path}/:id/confirm`, confirmParams, ({ world, id, params }) =>
    confirmByCall(world, findSetup(world, id), params),
  ),
  route("POST", `${path}/:id/cancel`, cancelParams, ({ world, id, params }) => {
    checkOpen("cancel", findSetup(world, id));
    const patch = {
      cancellation_reason: params.cancellation_reason ?? null,
      next_action: null,
      status: "canceled",
    };
    return amend(world, world.tables.setupIntents, id, patch, "setup_intent.canceled");
  }),
  listRoute(path, listParams, ({ world, params }) =>
    world.tables.setupIntents.filter(
      (setup) =>
        (params.customer === undefined || setup.customer === params.customer) &&
        (params.payment_method === undefined || setup.payment_method === params.payment_method) &&
        inRange(setup.created, params.created),
    ),
  ),
  listRoute("/v1/setup_attempts", attemptListParams, ({ world, params }) =>
    world.tables.setupAttempts.filter(
      (attempt) => attempt.setup_intent === params.setup_intent && inRange(attempt.created, params.created),
    ),
  ),
];

/** Finds a setup intent. Throws if it does not exist. */
export function findSetup(world: World, id: string): Stripe.SetupIntent {
  const setup = world.tables.setupIntents.get(id);
  if (!setup) throw missing("setup_intent", id);
  return setup;
}

function createByCall(world: World, params: ReturnType<typeof createParams>): Stripe.SetupIntent {
  if (params.customer !== undefined) findCustomer(world, params.customer, "customer");
  const types = params.allowed_payment_method_types;
  const setup = createSetup(world, {
    customer: params.customer ?? null,
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    method: methodFor(world, params, params.customer ?? null),
    usage: params.usage ?? "off_session",
    more: {
      allowed_payment_method_types: types ?? null,
      automatic_payment_methods:
        types === undefined
          ? { enabled: true, allow_redirects: "always", ...given(params.automatic_payment_methods ?? {}) }
          : null,
      payment_method_types: types ?? ["card"],
    },
  });
  // The setup intent has its method by now.
  const rest = { ...params, payment_method: undefined, payment_method_data: undefined };
  return params.confirm ? confirmByCall(world, setup, rest) : setup;
}

function updateSetup(
  world: World,
  setup: Stripe.SetupIntent,
  params: ReturnType<typeof updateParams>,
): Stripe.SetupIntent {
  const { metadata, payment_method: named, payment_method_data: made, ...rest } = params;
  if (named !== undefined || made !== undefined || rest.customer !== undefined) checkOpen("update", setup);
  if (rest.customer !== undefined) findCustomer(world, rest.customer, "customer");
  const customer = rest.customer ?? idOrNull(setup.customer);
  const method = methodFor(world, given({ payment_method: named, payment_method_data: made }), customer);
  return amend(world, world.tables.setupIntents, setup.id, {
    ...given(rest),
    metadata: mergeMetadata(setup.metadata ?? {}, metadata),
    ...(method === null
      ? {}
      : { payment_method: method, status: "requires_confirmation", next_action: null }),
  });
}

function confirmByCall(
  world: World,
  setup: Stripe.SetupIntent,
  params: ReturnType<typeof confirmParams>,
): Stripe.SetupIntent {
  checkOpen("confirm", setup);
  const method = methodFor(world, params, idOrNull(setup.customer)) ?? idOrNull(setup.payment_method);
  if (method === null) {
    throw new StripeFailure(
      400,
      "invalid_request_error",
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
      { code: "setup_intent_unexpected_state", setupIntent: setup },
    );
  }
  const confirmed = confirmSetup(world, setup.id, method, {
    ...(params.return_url && !params.use_stripe_sdk ? { returnUrl: params.return_url } : {}),
  });
  if (confirmed.status !== "requires_payment_method") return confirmed;
  const error = confirmed.last_setup_error;
  throw new StripeFailure(402, "card_error", error?.message ?? "Your card was declined.", {
    keepsEffects: true,
    code: error?.code ?? "card_declined",
    setupIntent: confirmed,
    ...(error?.decline_code ? { declineCode: error.decline_code } : {}),
    ...(error?.payment_method ? { paymentMethod: error.payment_method } : {}),
  });
}

function checkOpen(verb: string, setup: Stripe.SetupIntent): void {
  if (setup.status !== "succeeded" && setup.status !== "canceled") return;
  throw new StripeFailure(
    400,
    "invalid_request_error",
    `You cannot ${verb} this SetupIntent because it has a status of ${setup.status}.`,
    { code: "setup_intent_unexpected_state", setupIntent: setup },
  );
}
