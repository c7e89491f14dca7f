import type { ZodType } from "zod";
import { type ErrorShape, toErrorResult } from "#app/_http/error-result.ts";
import { FileDownload } from "#app/_http/file-download.ts";
import { fromWebRequest, type HttpRequest } from "#app/_http/http-request.ts";
import { type HttpResult, JsonBytes, toWebResponse } from "#app/_http/http-result.ts";
import { takeNetworkToken } from "#app/_http/network-limits.ts";
import { resolveRequestId } from "#app/_http/request-id.ts";
import { parseInput, readJson, toInputObject } from "#app/_http/request-input.ts";
import { isSameOrigin } from "#app/_http/same-origin.ts";
import { decodeSessionCookie, readSessionCookie } from "#app/_http/session/session-cookie.ts";
import { EventStream } from "#app/_http/sse.ts";
import { db } from "#db/client.ts";
import { type ApiKeyIdentity, type ApiKeyScope, findApiKey, requireScope } from "#lib/accounts/api-keys.ts";
import { type Identity, readIdentity, type SessionClaims } from "#lib/accounts/sessions.ts";
import { now } from "#lib/core/clock.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent, failEvent, hideInErrors, withEvent } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";

/**
 * How a route authenticates its caller:
 * - "user": session cookie, checked against the database (one query)
 * - "claims": session cookie only; the module function checks the session in its own statement
 * - "api-key": `Authorization: Bearer`, looked up in the database (one query)
 * - "secret": `Authorization: Bearer`; the option `caller` looks it up together with other data (one query)
 * - "none": no authentication
 */
type AuthMode = "user" | "claims" | "api-key" | "secret" | "none";
type Credentials<A extends AuthMode> = A extends "user"
  ? { identity: Identity; claims: SessionClaims }
  : A extends "claims"
    ? { claims: SessionClaims }
    : A extends "api-key"
      ? { apiKey: ApiKeyIdentity }
      : unknown;

type RouteOptions<A extends AuthMode, P, Q, B, C> = {
  auth: A;
  /** Answers 204 without a session: an EventSource stops then, and the browser logs no error. */
  isEmptySignedOut?: boolean;
  /** Looks up the caller by the bearer token, before the body is read. */
  caller?: (secret: string) => Promise<C>;
  params?: ZodType<P>;
  query?: ZodType<Q>;
  /** The schema of a JSON body. Routes that need the raw bytes omit it and call `readRawBody`. */
  body?: ZodType<B>;
  /** The most requests of one network in a minute, before anything else is done. */
  networkLimit?: { name: string; perMinute: number };
  /** The scope that an API key must have. */
  scope?: ApiKeyScope;
  errors?: ErrorShape;
  maxBodyBytes?: number;
  /** The most values of a JSON body; see json-limits.ts. */
  maxJsonValues?: number;
};

type RouteContext<A extends AuthMode, P, Q, B, C> = Credentials<A> & {
  caller: C;
  params: P;
  query: Q;
  body: B;
  request: HttpRequest;
  requestId: string;
  /** Headers of the response, also of an error response (for example rate limit headers). */
  headers: Headers;
  readRawBody: () => Promise<Buffer>;
};

/** The options of a route; the OpenAPI document is generated from them. */
export type RouteDefinition = RouteOptions<AuthMode, unknown, unknown, unknown, unknown>;
export type Params = Record<string, string | string[] | undefined>;
/** Handles a request independently of the server that received it (Next.js or node:http). Never rejects. */
export type Respond = (request: HttpRequest, params: Params) => Promise<HttpResult>;
type Handler = (request: Request, segment?: { params: Promise<unknown> }) => Promise<Response>;

const defaultMaxBodyBytes = 1_048_576;

/**
 * Creates a route handler: authenticates, parses, calls `handle`, and responds with what it returns (a
 * Response, an EventStream, a FileDownload, a value as JSON, or undefined as 204) or throws. Every request
 * writes one log event and has a request id. The returned handler exposes its options as `definition`, from
 * which the OpenAPI document is generated.
 */
export function route<A extends AuthMode, P = undefined, Q = undefined, B = undefined, C = undefined>(
  options: RouteOptions<A, P, Q, B, C>,
  handle: (context: RouteContext<A, P, Q, B, C>) => unknown,
): Handler & { definition: RouteOptions<A, P, Q, B, C>; respond: Respond } {
  const respond: Respond = (request, params) => {
    const startedAt = performance.now();
    const requestId = resolveRequestId(request.headers);
    const { method } = request;
    const pattern = toRoutePattern(request.pathname, params);
    const trace = {
      spanName: `${method} ${pattern}`,
      kind: "server",
      link: request.headers.get("traceparent") ?? undefined,
    } as const;
    const work = async () => {
      const result = await handleRequest(options, handle, request, params, requestId);
      const { status, headers } = result;
      addToEvent({ status });
      metrics.httpSeconds.observe(
        { route: pattern, method, status },
        (performance.now() - startedAt) / 1_000,
      );
      headers.set("x-request-id", requestId);
      if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
      return result;
    };
    return withEvent("http.request", { requestId, method, route: pattern }, work, trace);
  };
  const handler: Handler = async (request, segment) => {
    // Next.js types the segments per route; their values are validated by the route's `params` schema.
    const params = ((await segment?.params) ?? {}) as Params;
    return toWebResponse(await respond(fromWebRequest(request), params));
  };
  return Object.assign(handler, { definition: options, respond });
}

async function handleRequest<A extends AuthMode, P, Q, B, C>(
  options: RouteOptions<A, P, Q, B, C>,
  handle: (context: RouteContext<A, P, Q, B, C>) => unknown,
  request: HttpRequest,
  params: Params,
  requestId: string,
): Promise<HttpResult> {
  const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  // OpenAI's error format names one field.
  const parseOptions = { firstIssueOnly: options.errors === "openai" };
  const headers = new Headers();
  try {
    const { networkLimit } = options;
    if (networkLimit) takeNetworkToken(request.headers, networkLimit.name, networkLimit.perMinute);
    const credentials = await authenticate(options, request).catch((error) => {
      throw limitFailedKeys(request, error);
    });
    // `as` below: TypeScript cannot infer that a part is `undefined` exactly when its schema is absent.
    const context = {
      ...credentials,
      params: options.params && parseParams(options.params, params),
      query: options.query && parseInput(options.query, toInputObject(request.search)),
      body:
        options.body &&
        parseInput(options.body, await readJson(request, maxBytes, options.maxJsonValues), parseOptions),
      request,
      requestId,
      headers,
      readRawBody: () => request.readBytes(maxBytes),
    } as RouteContext<A, P, Q, B, C>;
    hideInErrors(context.body);
    return toHttpResult(await handle(context), headers);
  } catch (thrown) {
    const error = request.signal.aborted ? new AppError("bad_request", { cause: thrown }) : thrown;
    if (options.isEmptySignedOut === true && error instanceof AppError && error.code === "unauthenticated")
      return { status: 204, headers, body: null };
    failEvent(error);
    return toErrorResult(error, requestId, headers, options.errors);
  }
}

/** Converts the return value of a handler, adding the headers that the handler set on its context. */
function toHttpResult(value: unknown, headers: Headers): HttpResult {
  if (value instanceof EventStream) {
    for (const [name, text] of Object.entries(EventStream.headers)) headers.set(name, text);
    return { status: 200, headers, body: value.bytes };
  }
  if (value instanceof JsonBytes) {
    headers.set("content-type", "application/json");
    headers.set("content-length", String(value.length));
    return { status: 200, headers, body: value.bytes };
  }
  if (value instanceof FileDownload) {
    for (const [name, text] of Object.entries(value.headers)) headers.set(name, text);
    return { status: 200, headers, body: value.bytes };
  }
  if (value instanceof Response) {
    for (const [name, text] of value.headers) headers.append(name, text);
    return { status: value.status, headers, body: value.body === null ? null : value };
  }
  if (value === undefined) return { status: 204, headers, body: null };
  headers.set("content-type", "application/json");
  return { status: 200, headers, body: JSON.stringify(value) };
}

/** The most failed API keys of one network in a minute; valid keys of the network are not affected. */
const failedKeysPerMinute = 60;

/** Returns the error of an authentication, which for too many failed API keys is too_many_requests. */
function limitFailedKeys({ headers }: HttpRequest, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== "invalid_api_key") return error;
  try {
    takeNetworkToken(headers, "failed-keys", failedKeysPerMinute);
    return error;
  } catch (limited) {
    return limited;
  }
}

/** Malformed path parameters are a 404. */
function parseParams<P>(schema: ZodType<P>, params: Params): P {
  const parsed = schema.safeParse(params);
  if (!parsed.success) throw new AppError("not_found");
  return parsed.data;
}

async function authenticate(
  options: Pick<RouteOptions<AuthMode, unknown, unknown, unknown, unknown>, "auth" | "scope" | "caller">,
  request: HttpRequest,
): Promise<Partial<{ identity: Identity; claims: SessionClaims; apiKey: ApiKeyIdentity; caller: unknown }>> {
  if (options.auth === "none") return {};
  if (options.auth === "secret") {
    if (options.caller === undefined)
      throw new Error('A route with auth "secret" needs the option `caller`.');
    return { caller: await options.caller(readBearerToken(request)) };
  }
  if (options.auth === "api-key") return { apiKey: await authenticateApiKey(request, options.scope) };
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

async function authenticateApiKey(
  request: HttpRequest,
  scope: ApiKeyScope | undefined,
): Promise<ApiKeyIdentity> {
  const apiKey = await findApiKey(db(), readBearerToken(request), now());
  if (apiKey === null) throw new AppError("invalid_api_key");
  addToEvent({ workspaceId: apiKey.workspaceId, apiKeyId: apiKey.apiKeyId });
  if (scope !== undefined) requireScope(apiKey, scope);
  return apiKey;
}

function readBearerToken({ headers }: HttpRequest): string {
  const [scheme, secret] = headers.get("authorization")?.split(" ") ?? [];
  if (scheme?.toLowerCase() !== "bearer" || secret === undefined)
    throw new AppError("invalid_api_key", { message: "Send an API key as Authorization: Bearer." });
  return secret;
}

/** Replaces parameter values in the path by their names, so that metrics have one series per route. */
function toRoutePattern(pathname: string, params: Params): string {
  const names = new Map(
    Object.entries(params).flatMap(([name, value]) => [value].flat().map((part) => [part, `:${name}`])),
  );
  return pathname
    .split("/")
    .map((part) => names.get(part) ?? names.get(decodeSegment(part)) ?? part)
    .join("/");
}

/** Decodes a path segment; returns a malformed one unchanged. */
function decodeSegment(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
