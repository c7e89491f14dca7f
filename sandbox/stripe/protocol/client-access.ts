import { invalid, missing, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import type { Node } from "#sandbox/stripe/protocol/form.ts";
import type { Route } from "#sandbox/stripe/protocol/route.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Form = { [key: string]: Node };

/** What Stripe.js may call with a publishable key; everything else takes the secret one. */
const openToClients = new Set([
  "POST /v1/payment_methods",
  "GET /v1/payment_intents/:id",
  "POST /v1/payment_intents/:id/confirm",
  "GET /v1/setup_intents/:id",
  "POST /v1/setup_intents/:id/confirm",
]);
/** What the shop's server decides alone. */
const notForClients = ["capture_method", "error_on_requires_action", "off_session"];
/** What a browser is shown of a payment or a set-up: nothing of the customer, the charge or the shop's own notes. */
const shownToClients = new Set([
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
 * Lets a call with a publishable key through, or refuses it as Stripe does: only a few calls, and those on a payment or
 * set-up only with its client secret. Takes the secret out of the form, as the endpoints do not know it.
 */
export function admitClient(world: World, route: Route, id: string | undefined, form: Form): void {
  if (!openToClients.has(`${route.method} ${route.path}`)) {
    throw new StripeFailure(
      403,
      "invalid_request_error",
      "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
      { code: "secret_key_required" },
    );
  }
  for (const name of notForClients) {
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
  // A wrong secret and a wrong id look the same, so that nobody learns which ids exist.
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

/** An answer as a browser may see it, a refusal's payment or set-up included. */
export function showClient(answer: unknown): unknown {
  if (!isObject(answer)) return answer;
  const fields = Object.entries(answer);
  const kind = "object" in answer ? answer.object : null;
  if (kind === "payment_intent" || kind === "setup_intent") {
    return Object.fromEntries(fields.filter(([name]) => shownToClients.has(name)));
  }
  const inner = ["error", "payment_intent", "setup_intent"];
  return Object.fromEntries(
    fields.map(([name, value]) => [name, inner.includes(name) ? showClient(value) : value]),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
