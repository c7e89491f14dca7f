import { createHash } from "node:crypto";
import { assertOwnAccount } from "#sandbox/stripe/protocol/accounts.ts";
import { authorizePublishableKey, toClientView } from "#sandbox/stripe/protocol/client-access.ts";
import { cutEmbeddedLists } from "#sandbox/stripe/protocol/embedded-lists.ts";
import { includable, routes } from "#sandbox/stripe/protocol/endpoints.ts";
import { expandPaths, mergeFields } from "#sandbox/stripe/protocol/expand.ts";
import { invalid, StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { type Node, parseForm, parseJson } from "#sandbox/stripe/protocol/form.ts";
import { cutPage, takePage } from "#sandbox/stripe/protocol/pagination.ts";
import { list, text } from "#sandbox/stripe/protocol/params.ts";
import type { Page, Route } from "#sandbox/stripe/protocol/route.ts";
import { assertKnownVersion } from "#sandbox/stripe/protocol/versions/known-versions.ts";
import { upgradeParams } from "#sandbox/stripe/protocol/versions/older-params.ts";
import { olderFields, toOlderShape } from "#sandbox/stripe/protocol/versions/older-shapes.ts";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import { apiVersion, type World } from "#sandbox/stripe/state/world.ts";

export type ApiRequest = {
  method: string;
  path: string;
  query: string;
  body: string;
  authorization: string | undefined;
  idempotencyKey: string | undefined;
  /** The requested API version; undefined selects the account's own, older version. */
  version: string | undefined;
  /** The connected account (`Stripe-Account` or `Stripe-Context`) in whose name the call is made. */
  account: string | undefined;
};
export type ApiResponse = { status: number; headers: Record<string, string>; body: string };

/** Maximum length of an idempotency key, in characters. */
const longestIdempotencyKey = 255;
const wholePage: Page = { limit: 10, startingAfter: null, endingBefore: null };

/**
 * Handles one API call and returns Stripe's response, errors included. Changes are on disk before this
 * returns.
 */
export function handleApiRequest(world: World, request: ApiRequest): ApiResponse {
  const requestId = newStripeId("req", 14);
  const form = readForm(request);
  const key = takeKey(request.authorization, form);
  const isClient = key.startsWith("pk_test_");
  const headers: Record<string, string> = {
    "request-id": requestId,
    "stripe-version": request.version ?? apiVersion,
    // Cross-origin reads are allowed for publishable keys only. Stripe.js sends the key in the form, so a
    // page of another site cannot make a call with a secret key.
    ...(isClient ? { "access-control-allow-origin": "*" } : {}),
  };
  const show = isClient ? toClientView : (answer: unknown) => answer;
  try {
    checkKey(key);
    assertKnownVersion(request.version);
    assertOwnAccount(request.account, key);
    checkIdempotencyKey(request.idempotencyKey);
    const { route, ids } = findRoute(request);
    if (isClient) authorizePublishableKey(world, route, ids.id, form);
    const stored = findStoredResponse(world, request);
    if (stored) return { ...stored, headers: { ...headers, ...stored.headers } };
    world.request = { id: requestId, idempotency_key: request.idempotencyKey ?? null };
    const answer = perform(world, route, ids, request, form);
    const body = JSON.stringify(show(answer), null, 2);
    storeResponse(world, request, { status: 200, body, requestId });
    return { status: 200, headers, body };
  } catch (error) {
    const failure = asFailure(error);
    if (!failure.details.keepsEffects) world.rollBack();
    const body = JSON.stringify(show(failure.toBody(requestId)), null, 2);
    // Like Stripe, store the response of a declined card for replay, but not that of a malformed request.
    if (failure.status === 402) storeResponse(world, request, { status: 402, body, requestId });
    return { status: failure.status, headers, body };
  } finally {
    world.request = null;
    world.commit();
  }
}

/** Parses the request body: v2 endpoints take JSON, v1 endpoints take forms. */
function readForm({ method, path, body, query }: ApiRequest): { [key: string]: Node } {
  if (method !== "POST") return parseForm(query);
  return path.startsWith("/v2/") ? parseJson(body) : parseForm(body);
}

/** An injected error response (chaos switches). */
export function injectedFailure(status: 429 | 500): ApiResponse {
  const requestId = newStripeId("req", 14);
  const failure =
    status === 429
      ? new StripeFailure(429, "invalid_request_error", "Request rate limit exceeded.", {
          code: "rate_limit",
        })
      : new StripeFailure(500, "api_error", "An unknown error occurred (chaos: failNextApi).");
  return {
    status,
    headers: { "request-id": requestId, "stripe-version": apiVersion, "stripe-should-retry": "true" },
    body: JSON.stringify(failure.toBody(requestId)),
  };
}

function perform(
  world: World,
  route: Route,
  ids: Record<string, string>,
  request: ApiRequest,
  sent: { [key: string]: Node },
): unknown {
  const form = upgradeParams(sent, request.path, request.version);
  const wanted = list(text())(form.expand, "expand") ?? [];
  const paths = wanted.filter((path) => path !== "total_count");
  delete form.expand;
  const page = route.isList ? takePage(form) : wholePage;
  const answer = route.handle(world, ids, form, page);
  const shown = route.isList ? pageOf(answer, page, request.path) : answer;
  const older = olderFields(request.version);
  const expanded =
    paths.length > 0 ? expandPaths(world, mergeFields(includable, older), shown, paths) : shown;
  const complete = wanted.includes("total_count") ? expanded : withoutTotal(expanded);
  return toOlderShape(world, cutEmbeddedLists(complete), request.version);
}

/** Search results state their total only when it is expanded. */
function withoutTotal(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !("total_count" in answer)) return answer;
  const { total_count: _total, ...rest } = answer;
  return rest;
}

/** Returns lists newest first; objects of the same second are ordered by creation. */
function pageOf(answer: unknown, page: Page, path: string): unknown {
  const rows: { id: string; created?: number }[] = Array.isArray(answer) ? answer : [];
  const newestFirst = rows.toReversed().sort((a, b) => (b.created ?? 0) - (a.created ?? 0));
  return cutPage(newestFirst, page, path);
}

/** Reads the API key from the header, or a browser's publishable key from the form. */
function takeKey(authorization: string | undefined, form: { [key: string]: Node }): string {
  const [scheme, value = ""] = (authorization ?? "").split(" ");
  const { key } = form;
  if (!scheme && typeof key === "string" && key.startsWith("pk_")) {
    delete form.key;
    return key;
  }
  return scheme === "Basic" ? (Buffer.from(value, "base64").toString().split(":")[0] ?? "") : value;
}

function checkKey(key: string): void {
  if (key.startsWith("sk_test_") || key.startsWith("pk_test_")) return;
  const message = key
    ? `Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(Math.max(0, Math.min(20, key.length - 12)))}${key.length > 12 ? key.slice(-4) : ""}. The sandbox takes any key that begins with sk_test_, and in a browser pk_test_.`
    : "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.";
  throw new StripeFailure(401, "invalid_request_error", message);
}

function checkIdempotencyKey(key: string | undefined): void {
  if (key === undefined || key.length <= longestIdempotencyKey) return;
  throw invalid(
    `Idempotency-Key can have up to ${longestIdempotencyKey} characters, but you passed in a key that is ${key.length} characters.`,
  );
}

function findRoute(request: ApiRequest): { route: Route; ids: Record<string, string> } {
  const steps = request.path.split("/");
  for (const route of routes) {
    if (route.method !== request.method) continue;
    const ids = matchPath(route.path.split("/"), steps);
    if (ids) return { route, ids };
  }
  throw new StripeFailure(
    404,
    "invalid_request_error",
    `Unrecognized request URL (${request.method}: ${request.path}). The sandbox does not know it; its README lists what it does.`,
  );
}

function matchPath(pattern: string[], steps: string[]): Record<string, string> | null {
  if (pattern.length !== steps.length) return null;
  const ids: Record<string, string> = {};
  for (const [position, part] of pattern.entries()) {
    const step = steps[position] ?? "";
    if (part.startsWith(":")) ids[part.slice(1)] = decodeURIComponent(step);
    else if (part !== step) return null;
  }
  return ids;
}

function fingerprintOf(request: ApiRequest): string {
  return createHash("sha256").update(`${request.method} ${request.path}\n${request.body}`).digest("hex");
}

function findStoredResponse(world: World, request: ApiRequest): ApiResponse | null {
  const stored = request.idempotencyKey && world.tables.storedResponses.get(request.idempotencyKey);
  if (!stored || request.method !== "POST") return null;
  if (stored.fingerprint !== fingerprintOf(request)) {
    throw new StripeFailure(
      400,
      "idempotency_error",
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${stored.id}' if you meant to execute a different request.`,
    );
  }
  const headers = {
    "request-id": newStripeId("req", 14),
    "stripe-version": apiVersion,
    "idempotent-replayed": "true",
    "original-request": stored.requestId,
  };
  return { status: stored.status, headers, body: stored.body };
}

function storeResponse(
  world: World,
  request: ApiRequest,
  answer: { status: number; body: string; requestId: string },
): void {
  if (request.method !== "POST" || !request.idempotencyKey) return;
  world.tables.storedResponses.put({
    ...answer,
    id: request.idempotencyKey,
    fingerprint: fingerprintOf(request),
  });
}

function asFailure(error: unknown): StripeFailure {
  if (error instanceof StripeFailure) return error;
  console.error("stripe sandbox: a fault of its own", error);
  const message = error instanceof Error ? error.message : String(error);
  return new StripeFailure(500, "api_error", `The sandbox failed: ${message}`);
}
