import { invalid, missing, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";
import type { Route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Form = { [key: string]: Node };

/** Endpoints that accept a publishable key; all others require a secret key. */
const clientEndpoints = new Set([
  "POST /v1/payment_methods",
  "GET /v1/payment_intents/:id",
  "POST /v1/payment_intents/:id/confirm",
  "GET /v1/setup_intents/:id",
  "POST /v1/setup_intents/:id/confirm",
]);
/** Parameters that only the merchant's server may set. */
const serverOnlyParams = ["capture_method", "error_on_requires_action", "off_session"];
/** Fields of a payment or setup intent that a publishable key may read: no customer, charge or metadata. */
const clientFields = new Set([
  "id",
  "object",
  "amount",
  "automatic_payment_methods",
  "canceled_at",
  "cancellation_reason",
  "capture_method",
  "client_secret",
  "confirmation_method",
  "created",
  "currency",
  "description",
  "last_payment_error",
  "last_setup_error",
  "livemode",
  "next_action",
  "payment_method",
  "payment_method_types",
  "processing",
  "receipt_email",
  "setup_future_usage",
  "shipping",
  "source",
  "status",
  "usage",
]);

/**
 * Authorizes a call with a publishable key as Stripe does: few endpoints, and a payment or setup intent only
 * with its client secret. Removes the secret from the form, because the endpoints do not declare it.
 */
export function authorizePublishableKey(
  world: World,
  route: Route,
  id: string | undefined,
  form: Form,
): void {
  if (!clientEndpoints.has(`${route.method} ${route.path}`)) {
    throw new StripeFailure(
      403,
      "invalid_request_error",
      "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
      { code: "secret_key_required" },
    );
  }
  for (const name of serverOnlyParams) {
    if (form[name] !== undefined) {
      throw invalid(`You cannot pass \`${name}\` with a publishable API key.`, name, "secret_key_required");
    }
  }
  const secret = form.client_secret;
  delete form.client_secret;
  delete form.expand;
  if (id === undefined) return;
  const intent = world.tables.paymentIntents.get(id) ?? world.tables.setupIntents.get(id);
  if (secret === undefined) {
    throw invalid("Missing required param: client_secret.", "client_secret", "parameter_missing");
  }
  // A wrong secret and an unknown id return the same error, so that ids cannot be probed.
  if (!intent || intent.client_secret !== secret) {
    throw missing(route.path.startsWith("/v1/setup") ? "setup_intent" : "payment_intent", id);
  }
  const isManual = intent.object === "payment_intent" && intent.confirmation_method === "manual";
  if (isManual && route.method === "POST") {
    throw invalid(
      "This PaymentIntent's confirmation_method is set to manual and can only be confirmed using your secret key.",
    );
  }
}

/** Reduces a response to the fields that a publishable key may read, also inside errors. */
export function toClientView(answer: unknown): unknown {
  if (!isObject(answer)) return answer;
  const fields = Object.entries(answer);
  const kind = "object" in answer ? answer.object : null;
  if (kind === "payment_intent" || kind === "setup_intent") {
    return Object.fromEntries(fields.filter(([name]) => clientFields.has(name)));
  }
  const inner = ["error", "payment_intent", "setup_intent"];
  return Object.fromEntries(
    fields.map(([name, value]) => [name, inner.includes(name) ? toClientView(value) : value]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
