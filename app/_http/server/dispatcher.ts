import type { IncomingMessage, ServerResponse } from "node:http";
import { toErrorResult } from "#app/_http/error-result.ts";
import { fromNodeRequest } from "#app/_http/http-request.ts";
import { type HttpResult, sendResult } from "#app/_http/http-result.ts";
import { resolveRequestId } from "#app/_http/request-id.ts";
import { securityHeaders } from "#app/_http/security-headers.ts";
import { guardPageResponse } from "#app/_http/server/guard-page-response.ts";
import { findPageProblem, pageMethods, runPageRequest } from "#app/_http/server/page-request.ts";
import { createRouteMatcher, type RouteMatch, type RouteTable } from "#app/_http/server/route-matcher.ts";
import { isScriptlessRequest, serveScriptless } from "#app/_http/server/scriptless-page.ts";
import { tracePage } from "#app/_http/server/trace-page.ts";
import { errorShapeOf, unknownPathError } from "#app/_http/unknown-path.ts";
import { AppError } from "#lib/core/errors.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Creates a node:http listener that handles the routes of a table and passes requests for pages and files to
 * `fallback` (Next.js). Everything below /api/ and /v1/ is answered here, also unknown paths and methods, so
 * that programs always get JSON.
 */
export function createDispatcher(table: RouteTable, fallback: RequestListener): RequestListener {
  const match = createRouteMatcher(table);
  return async (request, response) => {
    const { pathname, query } = splitUrl(request.url ?? "/");
    for (const { key, value } of securityHeaders) response.setHeader(key, value);
    if (!isReadable(pathname, query)) {
      const error = new AppError("bad_request", { message: "The URL contains invalid characters." });
      return sendResult(refuse(request, pathname, error), response);
    }
    if (!isProgramPath(pathname))
      return tracePage(request, response, () => servePage(request, response, fallback));
    const found = match(request.method ?? "GET", pathname);
    if (found !== null && "respond" in found) {
      const result = await found.respond(fromNodeRequest(request, response), found.params);
      return sendResult(result, response);
    }
    return sendResult(unmatched(request, pathname, found), response);
  };
}

function splitUrl(url: string): { pathname: string; query: string } {
  const at = url.indexOf("?");
  return at === -1 ? { pathname: url, query: "" } : { pathname: url.slice(0, at), query: url.slice(at) };
}

/** Whether the percent-encoding of a path is valid UTF-8, and neither path nor query contains a NUL. */
function isReadable(pathname: string, query: string): boolean {
  if (query.includes("%00")) return false;
  if (!pathname.includes("%")) return true;
  try {
    return !decodeURIComponent(pathname).includes("\0");
  } catch {
    return false;
  }
}

/**
 * Whether programs, not people, call a path. Unversioned base URLs of OpenAI's clients end with /v1. Browsers
 * return from Google or GitHub to the OAuth callback, which sets cookies by Next.js.
 */
function isProgramPath(pathname: string): boolean {
  return /^\/(api|v1)(\/|$)/.test(pathname) && !pathname.startsWith("/api/auth/callback/");
}

/** The response for a path that no route has, or not with this method. */
function unmatched(request: IncomingMessage, pathname: string, found: RouteMatch): HttpResult {
  if (found !== null && "allow" in found) {
    const allow = found.allow.join(", ");
    if (request.method === "OPTIONS") return { status: 204, headers: new Headers({ allow }), body: null };
    return refuse(request, pathname, methodNotAllowed(request, found.allow), { allow });
  }
  return refuse(request, pathname, unknownPathError(pathname));
}

function methodNotAllowed({ method }: IncomingMessage, allow: string[]): AppError {
  const message = `${method} is not allowed here. Use ${allow.slice(0, 1).join()}.`;
  return new AppError("method_not_allowed", { message });
}

function refuse(
  { headers: received }: IncomingMessage,
  pathname: string,
  error: AppError,
  more: Record<string, string> = {},
): HttpResult {
  const known = received["x-request-id"];
  const requestId = resolveRequestId(new Headers(typeof known === "string" ? { "x-request-id": known } : {}));
  // The unread rest of a body would be parsed as the next request of this connection.
  const close = received["content-length"] === undefined && !received["transfer-encoding"] ? {} : closing;
  const fixed = { "x-request-id": requestId, "cache-control": "no-store", ...close, ...more };
  return toErrorResult(error, requestId, new Headers(fixed), errorShapeOf(pathname));
}

const closing = { connection: "close" };

async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  next: RequestListener,
): Promise<void> {
  const problem = findPageProblem(request);
  if (problem !== null) {
    const allow = { allow: pageMethods.join(", ") };
    const isMethod = problem.code === "method_not_allowed";
    return sendResult(refuse(request, "/", problem, isMethod ? allow : {}), response);
  }
  await runPageRequest(request, async (isClientMistake) => {
    guardPageResponse(response, () => {
      if (!isClientMistake()) return null;
      const error = new AppError("bad_request", { message: "This form could not be read. Reload the page." });
      const { status, body } = refuse(request, "/", error);
      return { status, body: String(body) };
    });
    const { pathname } = splitUrl(request.url ?? "/");
    if (isScriptlessRequest(request, pathname)) await serveScriptless(request, response, next);
    else await next(request, response);
  });
}
