import type Stripe from "stripe";
import { invalid, missing } from "#sandbox/stripe/protocol/failure.ts";
import {
  inRange,
  list,
  object,
  oneOf,
  pairs,
  paramsOf,
  range,
  required,
  text,
  whole,
} from "#sandbox/stripe/protocol/params.ts";
import { type Route, route } from "#sandbox/stripe/protocol/route.ts";
import { newStripeId, randomLetters } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { thinEventOf } from "#sandbox/stripe/webhooks/thin-event.ts";

type Destination = Stripe.V2.Core.EventDestination;
const include = list(oneOf("webhook_endpoint.signing_secret", "webhook_endpoint.url"));
const createParams = paramsOf<Stripe.V2.Core.EventDestinationCreateParams>()({
  description: text(),
  enabled_events: required(list(text())),
  event_payload: required(oneOf("thin")),
  include,
  metadata: pairs(),
  name: required(text()),
  type: required(oneOf("webhook_endpoint")),
  webhook_endpoint: required(object({ url: required(text()) })),
});
const readParams = paramsOf<Stripe.V2.Core.EventDestinationRetrieveParams>()({ include });
const destinationListParams = paramsOf<{ limit?: number; page?: string }>()({ limit: whole(), page: text() });
// The SDK follows `next_page_url`, which repeats the parameters and adds the page.
const listParams = paramsOf<Stripe.V2.Core.EventListParams & { page?: string }>()({
  created: range(),
  limit: whole(),
  object_id: text(),
  page: text(),
  types: list(text()),
});
const defaultPageSize = 20;
const path = "/v2/core/event_destinations";
const eventPath = "/v2/core/events";

/** Thin events (v2 API): bodies are JSON, lists are paged by URL. */
export const thinEventRoutes: Route[] = [
  route("POST", path, createParams, ({ world, params }) => {
    const { url } = params.webhook_endpoint;
    if (!URL.canParse(url)) throw invalid("Invalid URL: An explicit scheme must be provided.", "url");
    const at = new Date(world.now() * 1000).toISOString();
    const destination: Destination = {
      id: newStripeId("ed_test"),
      object: "v2.core.event_destination",
      created: at,
      description: params.description ?? "",
      enabled_events: params.enabled_events,
      event_payload: params.event_payload,
      livemode: false,
      metadata: params.metadata ?? {},
      name: params.name,
      status: "enabled",
      type: params.type,
      updated: at,
      webhook_endpoint: { url },
    };
    world.tables.eventDestinations.put(destination);
    const secret = `whsec_${randomLetters(32)}`;
    world.tables.endpointSecrets.put({ id: destination.id, secret });
    return shown(destination, params.include, secret);
  }),
  route("GET", `${path}/:id`, readParams, ({ world, id, params }) =>
    shown(findDestination(world, id), params.include, null),
  ),
  route("GET", path, destinationListParams, ({ world, params }) =>
    pageOf(
      world.tables.eventDestinations.all().map((row) => shown(row, [], null)),
      params,
      path,
    ),
  ),
  route("POST", `${path}/:id/disable`, paramsOf<object>()({}), ({ world, id }) =>
    setStatus(world, id, "disabled"),
  ),
  route("POST", `${path}/:id/enable`, paramsOf<object>()({}), ({ world, id }) =>
    setStatus(world, id, "enabled"),
  ),
  route("DELETE", `${path}/:id`, paramsOf<object>()({}), ({ world, id }) => {
    findDestination(world, id);
    world.tables.eventDestinations.delete(id);
    return { id, object: "v2.core.event_destination", deleted: true };
  }),
  route("GET", "/v2/core/events/:id", paramsOf<object>()({}), ({ world, id }) => {
    const event = world.tables.events.get(id);
    if (!event) throw missing("event", id);
    return thinEventOf(event);
  }),
  route("GET", eventPath, listParams, ({ world, params }) => {
    const events = world.tables.events.all().map(thinEventOf).reverse();
    const wanted = events.filter(
      (event) =>
        (params.object_id === undefined || event.related_object.id === params.object_id) &&
        (params.types === undefined || params.types.includes(event.type)) &&
        inRange(Date.parse(event.created) / 1000, params.created),
    );
    const { page: _page, ...filters } = params;
    return pageOf(wanted, params, eventPath, filters);
  }),
];

function findDestination(world: World, id: string): Destination {
  const destination = world.tables.eventDestinations.get(id);
  if (!destination) throw missing("event destination", id);
  return destination;
}

function setStatus(world: World, id: string, status: "enabled" | "disabled"): Destination {
  const updated = new Date(world.now() * 1000).toISOString();
  const details = status === "disabled" ? { disabled: { reason: "user" } } : {};
  const changed = { ...findDestination(world, id), status, status_details: details, updated };
  return shown(world.tables.eventDestinations.put(changed), [], null);
}

/** The URL is returned only on request, the secret only on creation and on request. */
function shown(destination: Destination, include: string[] = [], secret: string | null): Destination {
  const { webhook_endpoint: endpoint, ...rest } = destination;
  const url = include.includes("webhook_endpoint.url") ? endpoint?.url : undefined;
  const asksSecret = include.includes("webhook_endpoint.signing_secret") && secret !== null;
  return {
    ...rest,
    webhook_endpoint: {
      ...(url === undefined ? {} : { url }),
      ...(asksSecret ? { signing_secret: secret } : {}),
    },
  };
}

/** One page with the URLs of its neighbors, which repeat the filters. */
function pageOf(
  rows: object[],
  { limit = defaultPageSize, page }: { limit: number | undefined; page: string | undefined },
  url: string,
  filters: Record<string, unknown> = { limit },
): object {
  if (limit < 1 || limit > 100) throw invalid("Limit must be between 1 and 100.", "limit");
  const start = page === undefined ? 0 : Number(Buffer.from(page, "base64url").toString());
  if (!Number.isInteger(start) || start < 0) throw invalid("Invalid page token.", "page");
  const link = (from: number) => {
    const query = new URLSearchParams(toPairs(filters));
    query.set("page", Buffer.from(String(from)).toString("base64url"));
    return `${url}?${query}`;
  };
  return {
    data: rows.slice(start, start + limit),
    next_page_url: rows.length > start + limit ? link(start + limit) : null,
    previous_page_url: start > 0 ? link(Math.max(0, start - limit)) : null,
  };
}

/** Query parameters of filters; lists and ranges have one for each value. */
function toPairs(filters: Record<string, unknown>): [string, string][] {
  return Object.entries(filters).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null) return [[name, String(value)]];
    return Object.entries(value).map(([key, each]) => [`${name}[${key}]`, String(each)]);
  });
}
