import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import { given, mergeMetadata } from "#sandbox/stripe/protocol/metadata.ts";
import {
  clearable,
  flag,
  list,
  pairs,
  paramsOf,
  type Reader,
  required,
  text,
} from "#sandbox/stripe/protocol/params.ts";
import { listRoute, type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import { apiVersion, type World } from "#sandbox/stripe/state/world.ts";
import { isEventName } from "#sandbox/stripe/webhooks/event-names.ts";

/** Reads an event name or `*`. */
const eventName: Reader<string | undefined> = (node, path) => {
  const name = text()(node, path);
  if (name === undefined || name === "*" || isEventName(name)) return name;
  throw invalid(
    `Invalid ${path}: must be one of the event types that Stripe sends, or \`*\`; got ${name}`,
    path,
  );
};
const createParams = paramsOf<Stripe.WebhookEndpointCreateParams>()({
  enabled_events: required(list(eventName)),
  url: required(text()),
  api_version: text(),
  connect: flag(),
  description: clearable(text()),
  metadata: pairs(),
});
const updateParams = paramsOf<Stripe.WebhookEndpointUpdateParams>()({
  description: clearable(text()),
  disabled: flag(),
  enabled_events: list(eventName),
  metadata: pairs(),
  url: text(),
});

export const webhookEndpointRoutes: Route[] = [
  route("POST", "/v1/webhook_endpoints", createParams, ({ world, params }) => {
    checkUrl(params.url);
    const secret = `whsec_${randomLetters(32)}`;
    const endpoint = world.tables.webhookEndpoints.put({
      id: newStripeId("we"),
      object: "webhook_endpoint",
      api_version: params.api_version ?? apiVersion,
      application: null,
      created: world.now(),
      description: params.description ?? null,
      enabled_events: params.enabled_events,
      livemode: false,
      metadata: mergeMetadata({}, params.metadata),
      status: "enabled",
      url: params.url,
    });
    world.tables.endpointSecrets.put({ id: endpoint.id, secret });
    // The secret is returned only on creation, as Stripe does.
    return { ...endpoint, secret };
  }),
  route("GET", "/v1/webhook_endpoints/:id", paramsOf<object>()({}), ({ world, id }) =>
    findEndpoint(world, id),
  ),
  route("POST", "/v1/webhook_endpoints/:id", updateParams, ({ world, id, params }) => {
    const endpoint = findEndpoint(world, id);
    const { disabled, metadata, ...rest } = params;
    if (rest.url !== undefined) checkUrl(rest.url);
    return world.tables.webhookEndpoints.put({
      ...endpoint,
      ...given(rest),
      ...(disabled === undefined ? {} : { status: disabled ? "disabled" : "enabled" }),
      metadata: mergeMetadata(endpoint.metadata, metadata),
    });
  }),
  route("DELETE", "/v1/webhook_endpoints/:id", paramsOf<object>()({}), ({ world, id }) => {
    findEndpoint(world, id);
    world.tables.webhookEndpoints.delete(id);
    world.tables.endpointSecrets.delete(id);
    for (const delivery of world.tables.deliveries.filter(
      (row) => row.endpoint === id && row.state === "pending",
    )) {
      world.outbox.delete(delivery.id);
      world.tables.deliveries.put({ ...delivery, state: "failed", nextAttemptAtMs: null });
    }
    return { id, object: "webhook_endpoint", deleted: true };
  }),
  listRoute("/v1/webhook_endpoints", paramsOf<object>()({}), ({ world }) =>
    world.tables.webhookEndpoints.all(),
  ),
];

function findEndpoint(world: World, id: string): Stripe.WebhookEndpoint {
  const endpoint = world.tables.webhookEndpoints.get(id);
  if (!endpoint) throw missing("webhook endpoint", id);
  return endpoint;
}

function checkUrl(url: string): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw invalid("Invalid URL: An explicit scheme (such as https) must be provided.", "url", "url_invalid");
  }
}
