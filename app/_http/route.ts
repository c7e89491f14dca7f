import type { ZodType } from "zod";
import { type HttpResult, toWebResponse } from "#app/_http/http-result.ts";
import { fromWebRequest, type HttpRequest } from "#app/_http/http-request.ts";
import { type ErrorShape, toErrorResult } from "#app/_http/error-result.ts";
import { resolveRequestId } from "#app/_http/request-id.ts";
import { parseInput, readJson, toInputObject } from "#app/_http/request-input.ts";
import { isSameOrigin } from "#app/_http/same-origin.ts";
import { decodeSessionCookie, readSessionCookie } from "#app/_http/session-cookie.ts";
import { EventStream } from "#app/_http/sse.ts";
import { db } from "#db/client.ts";
import { type ApiKeyIdentity, type ApiKeyScope, findApiKey, requireScope } from "#lib/accounts/api-keys.ts";
import { type Claims, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";

/**
 * How a caller is identified: "user" by cookie and database (one query), "claims" by cookie alone (the room function
 * checks the session in a statement of its own), "api-key" by `Authorization: Bearer` and database (one query), "secret" by
 * the same, which the option `caller` looks up together with what else it needs (one query), "none" not at all.
 */
type AuthMode = "user" | "claims" | "api-key" | "secret" | "none";
type Caller<A extends AuthMode> = A extends "user"
  ? { identity: Identity; claims: Claims }
  : A extends "claims"
    ? { claims: Claims }
    : A extends "api-key"
      ? { apiKey: ApiKeyIdentity }
      : unknown;

type RouteOptions<A extends AuthMode, P, Q, B, C> = {
  auth: A;
  /** Whose secret it is that came as `Authorization: Bearer`; asked before the body is read. */
  caller?: (secret: string) => Promise<C>;
  params?: ZodType<P>;
  query?: ZodType<Q>;
  /** A JSON body. A route that needs the bytes as they came leaves this out and calls `readRawBody`. */
  body?: ZodType<B>;
  /** The scope that an API key must have. */
  scope?: ApiKeyScope;
  errors?: ErrorShape;
  maxBodyBytes?: number;
};

type RouteContext<A extends AuthMode, P, Q, B, C> = Caller<A> & {
  caller: C;
  params: P;
  query: Q;
  body: B;
  request: HttpRequest;
  requestId: string;
  /** Headers for whatever is answered, an error too (rate limits announce themselves on both). */
  headers: Headers;
  readRawBody: () => Promise<Buffer>;
};

/** What a route takes, as data: the API's document is made from it. */
export type RouteDefinition = RouteOptions<AuthMode, unknown, unknown, unknown, unknown>;
export type Params = Record<string, string | string[] | undefined>;
/** A route without the one who carries its requests and answers; see serve.ts. Never rejects. */
export type Respond = (arrival: HttpRequest, params: Params) => Promise<HttpResult>;
type Handler = (request: Request, segment?: { params: Promise<unknown> }) => Promise<Response>;

const defaultMaxBodyBytes = 1_048_576;

/**
 * A route handler: parses, identifies, calls `handle`, and answers what it returns (a Response, a stream of events, a value
 * as JSON, or undefined as 204) or the error it throws. Every request leaves one event in the log and has a request id.
 * The handler carries its own definition, so that what is documented is what is parsed.
 */
export function route<A extends AuthMode, P = undefined, Q = undefined, B = undefined, C = undefined>(
  options: RouteOptions<A, P, Q, B, C>,
  handle: (context: RouteContext<A, P, Q, B, C>) => unknown,
): Handler & { definition: RouteOptions<A, P, Q, B, C>; respond: Respond } {
  const respond: Respond = (arrival, params) => {
    const startedAt = performance.now();
    const requestId = resolveRequestId(arrival.headers);
    const { method } = arrival;
    const pattern = patternOf(arrival.pathname, params);
    return withEvent("http.request", { requestId, method, route: pattern }, async () => {
      const answered = await answer(options, handle, arrival, params, requestId);
      const { status, headers } = answered;
      addToEvent({ status });
      metrics.httpSeconds.observe(
        { route: pattern, method, status },
        (performance.now() - startedAt) / 1_000,
      );
      headers.set("x-request-id", requestId);
      if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
      return answered;
    });
  };
  const handler: Handler = async (request, segment) => {
    // Next types the segments of each route by itself; what they hold is checked by the route's own schema.
    const params = ((await segment?.params) ?? {}) as Params;
    return toWebResponse(await respond(fromWebRequest(request), params));
  };
  return Object.assign(handler, { definition: options, respond });
}

async function answer<A extends AuthMode, P, Q, B, C>(
  options: RouteOptions<A, P, Q, B, C>,
  handle: (context: RouteContext<A, P, Q, B, C>) => unknown,
  request: HttpRequest,
  params: Params,
  requestId: string,
): Promise<HttpResult> {
  const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  const headers = new Headers();
  try {
    const caller = await identify(options, request);
    // A part without a schema has the type `undefined`, which TypeScript cannot tie to the option being absent.
    const context = {
      ...caller,
      params: options.params && parseParams(options.params, params),
      query: options.query && parseInput(options.query, toInputObject(request.search)),
      body: options.body && parseInput(options.body, await readJson(request, maxBytes)),
      request,
      requestId,
      headers,
      readRawBody: () => request.readBytes(maxBytes),
    } as RouteContext<A, P, Q, B, C>;
    return answerWith(await handle(context), headers);
  } catch (thrown) {
    const error = request.signal.aborted ? new AppError("bad_request", { cause: thrown }) : thrown;
    failEvent(error);
    return toErrorResult(error, requestId, headers, options.errors);
  }
}

/** What a handler returned, as an answer with the headers that were collected for it. */
function answerWith(value: unknown, headers: Headers): HttpResult {
  if (value instanceof EventStream) {
    for (const [name, text] of Object.entries(EventStream.headers)) headers.set(name, text);
    return { status: 200, headers, body: value.pieces };
  }
  if (value instanceof Response) {
    for (const [name, text] of value.headers) headers.append(name, text);
    return { status: value.status, headers, body: value.body === null ? null : value };
  }
  if (value === undefined) return { status: 204, headers, body: null };
  headers.set("content-type", "application/json");
  return { status: 200, headers, body: JSON.stringify(value) };
}

/** A path whose parameters are malformed is the path of nothing. */
function parseParams<P>(schema: ZodType<P>, params: Params): P {
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new AppError("not_found");
  return parsed.data;
}

async function identify(
  options: Pick<RouteOptions<AuthMode, unknown, unknown, unknown, unknown>, "auth" | "scope" | "caller">,
  request: HttpRequest,
): Promise<Partial<{ identity: Identity; claims: Claims; apiKey: ApiKeyIdentity; caller: unknown }>> {
  if (options.auth === "none") return {};
  if (options.auth === "secret") {
    if (options.caller === undefined) throw new Error("A route for secrets does not say whose they are.");
    return { caller: await options.caller(secretOf(request)) };
  }
  if (options.auth === "api-key") return { apiKey: await identifyApiKey(request, options.scope) };
  if (!isSameOrigin(request.method, request.headers, env().APP_URL))
    throw new AppError("forbidden", { message: "This request came from another site." });
  const claims = await decodeSessionCookie(readSessionCookie(request.headers));
  if (claims === null) throw new AppError("unauthenticated");
  addToEvent({ userId: claims.userId });
  if (options.auth === "claims") return { claims };
  const identity = await readIdentity(db(), claims, now());
  if (identity === null) throw new AppError("unauthenticated");
  addToEvent({ workspaceId: identity.workspaceId });
  return { claims, identity };
}

async function identifyApiKey(request: HttpRequest, scope: ApiKeyScope | undefined): Promise<ApiKeyIdentity> {
  const apiKey = await findApiKey(db(), secretOf(request), now());
  if (apiKey === null) throw new AppError("invalid_api_key");
  addToEvent({ workspaceId: apiKey.workspaceId, apiKeyId: apiKey.apiKeyId });
  if (scope !== undefined) requireScope(apiKey, scope);
  return apiKey;
}

function secretOf({ headers }: HttpRequest): string {
  const [scheme, secret] = headers.get("authorization")?.split(" ") ?? [];
  if (scheme?.toLowerCase() !== "bearer" || secret === undefined)
    throw new AppError("invalid_api_key", { message: "Send an API key as Authorization: Bearer." });
  return secret;
}

/** The path with its parameters named, so that a thousand conversations are one route in the metrics. */
function patternOf(pathname: string, params: Params): string {
  const names = new Map(
    Object.entries(params).flatMap(([name, value]) => [value].flat().map((part) => [part, `:${name}`])),
  );
  return pathname
    .split("/")
    .map((part) => names.get(part) ?? names.get(decoded(part)) ?? part)
    .join("/");
}

/** A part of a path as it was meant; a malformed one stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
