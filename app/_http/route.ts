import type { ZodType } from "zod";
import { type ErrorShape, errorResponse } from "#app/_http/error-response.ts";
import { requestIdOf } from "#app/_http/request-id.ts";
import { parseInput, readBytes, readJson, valuesOf } from "#app/_http/request-input.ts";
import { isSameOrigin } from "#app/_http/same-origin.ts";
import { claimsOfCookie, sessionCookieOf } from "#app/_http/session-cookie.ts";
import { db } from "#db/client.ts";
import { type ApiKeyIdentity, type ApiKeyScope, findApiKey } from "#lib/accounts/api-keys.ts";
import { type Claims, type Identity, readIdentity } from "#lib/accounts/sessions.ts";
import { now } from "#lib/ground/clock.ts";
import { env } from "#lib/ground/env.ts";
import { AppError } from "#lib/ground/errors.ts";
import { addToEvent, failEvent, withEvent } from "#lib/ground/log.ts";
import { metrics } from "#lib/ground/metrics.ts";

/**
 * How a caller is identified: "user" by cookie and database (one query), "claims" by cookie alone (the room function
 * checks the session in a statement of its own), "api-key" by `Authorization: Bearer`, "none" not at all.
 */
type AuthMode = "user" | "claims" | "api-key" | "none";
type Caller<A extends AuthMode> = A extends "user"
  ? { identity: Identity; claims: Claims }
  : A extends "claims"
    ? { claims: Claims }
    : A extends "api-key"
      ? { apiKey: ApiKeyIdentity }
      : unknown;

type Options<A extends AuthMode, P, Q, B> = {
  auth: A;
  params?: ZodType<P>;
  query?: ZodType<Q>;
  /** A JSON body. A route that needs the bytes as they came leaves this out and calls `readRawBody`. */
  body?: ZodType<B>;
  /** The scope that an API key must have. */
  scope?: ApiKeyScope;
  errors?: ErrorShape;
  maxBodyBytes?: number;
};

type Context<A extends AuthMode, P, Q, B> = Caller<A> & {
  params: P;
  query: Q;
  body: B;
  request: Request;
  requestId: string;
  /** Headers for whatever is answered, an error too (rate limits announce themselves on both). */
  headers: Headers;
  readRawBody: () => Promise<Buffer>;
};

/** What a route takes, as data: the API's document is made from it. */
export type RouteDefinition = Options<AuthMode, unknown, unknown, unknown>;
type Handler = (request: Request, segment?: { params: Promise<unknown> }) => Promise<Response>;

type Params = Record<string, string | string[] | undefined>;
const defaultMaxBodyBytes = 1_048_576;

/**
 * A route handler: parses, identifies, calls `handle`, and answers what it returns (a Response, a value as JSON, or
 * undefined as 204) or the error it throws. Every request leaves one event in the log and has a request id.
 * The handler carries its own definition, so that what is documented is what is parsed.
 */
export function route<A extends AuthMode, P = undefined, Q = undefined, B = undefined>(
  options: Options<A, P, Q, B>,
  handle: (context: Context<A, P, Q, B>) => unknown,
): Handler & { definition: Options<A, P, Q, B> } {
  const handler: Handler = async (request, segment) => {
    const startedAt = performance.now();
    // Next types the segments of each route by itself; what they hold is checked by the route's own schema.
    const params = ((await segment?.params) ?? {}) as Params;
    const requestId = requestIdOf(request.headers);
    const url = new URL(request.url);
    const { method } = request;
    const pattern = patternOf(url.pathname, params);
    return withEvent("http.request", { requestId, method, route: pattern }, async () => {
      const headers = new Headers();
      const response = await answer(options, handle, { request, url, params, requestId, headers });
      const { status } = response;
      addToEvent({ status });
      metrics.httpSeconds.observe(
        { route: pattern, method, status },
        (performance.now() - startedAt) / 1_000,
      );
      return withHeaders(response, headers, requestId);
    });
  };
  return Object.assign(handler, { definition: options });
}

type Arrival = { request: Request; url: URL; params: Params; requestId: string; headers: Headers };

async function answer<A extends AuthMode, P, Q, B>(
  options: Options<A, P, Q, B>,
  handle: (context: Context<A, P, Q, B>) => unknown,
  { request, url, params, requestId, headers }: Arrival,
): Promise<Response> {
  const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  try {
    const caller = await identify(options, request);
    // A part without a schema has the type `undefined`, which TypeScript cannot tie to the option being absent.
    const context = {
      ...caller,
      params: options.params && parseParams(options.params, params),
      query: options.query && parseInput(options.query, valuesOf(url.searchParams)),
      body: options.body && parseInput(options.body, await readJson(request, maxBytes)),
      request,
      requestId,
      headers,
      readRawBody: () => readBytes(request, maxBytes),
    } as Context<A, P, Q, B>;
    const value = await handle(context);
    if (value instanceof Response) return value;
    return value === undefined ? new Response(null, { status: 204 }) : Response.json(value);
  } catch (thrown) {
    const error = request.signal.aborted ? new AppError("bad_request", { cause: thrown }) : thrown;
    failEvent(error);
    return errorResponse(error, requestId, options.errors);
  }
}

/** A path whose parameters are malformed is the path of nothing. */
function parseParams<P>(schema: ZodType<P>, params: Params): P {
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new AppError("not_found");
  return parsed.data;
}

async function identify(
  options: Pick<Options<AuthMode, unknown, unknown, unknown>, "auth" | "scope">,
  request: Request,
): Promise<Partial<{ identity: Identity; claims: Claims; apiKey: ApiKeyIdentity }>> {
  if (options.auth === "none") return {};
  if (options.auth === "api-key") return { apiKey: await identifyApiKey(request, options.scope) };
  if (!isSameOrigin(request.method, request.headers, env().APP_URL))
    throw new AppError("forbidden", { message: "This request came from another site." });
  const claims = await claimsOfCookie(sessionCookieOf(request.headers));
  if (claims === null) throw new AppError("unauthenticated");
  addToEvent({ userId: claims.userId });
  if (options.auth === "claims") return { claims };
  const identity = await readIdentity(db(), claims, now());
  if (identity === null) throw new AppError("unauthenticated");
  addToEvent({ workspaceId: identity.workspaceId });
  return { claims, identity };
}

async function identifyApiKey(request: Request, scope: ApiKeyScope | undefined): Promise<ApiKeyIdentity> {
  const [scheme, secret] = request.headers.get("authorization")?.split(" ") ?? [];
  if (scheme?.toLowerCase() !== "bearer" || secret === undefined)
    throw new AppError("invalid_api_key", { message: "Send an API key as Authorization: Bearer." });
  const apiKey = await findApiKey(db(), secret, now());
  if (apiKey === null) throw new AppError("invalid_api_key");
  addToEvent({ workspaceId: apiKey.workspaceId, apiKeyId: apiKey.apiKeyId });
  if (scope !== undefined && !apiKey.scopes.includes(scope))
    throw new AppError("forbidden", { message: `This API key lacks the scope "${scope}".` });
  return apiKey;
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

function withHeaders(response: Response, headers: Headers, requestId: string): Response {
  const answered = isMutable(response) ? response : new Response(response.body, response);
  for (const [name, value] of headers) answered.headers.append(name, value);
  answered.headers.set("x-request-id", requestId);
  if (!answered.headers.has("cache-control")) answered.headers.set("cache-control", "no-store");
  return answered;
}

/** The headers of a redirect, or of an answer that was fetched, cannot be written. */
function isMutable(response: Response): boolean {
  try {
    response.headers.delete("x-request-id");
    return true;
  } catch {
    return false;
  }
}
