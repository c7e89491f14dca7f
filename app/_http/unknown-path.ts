import { type ErrorShape, toErrorResult } from "#app/_http/error-result.ts";
import { toWebResponse } from "#app/_http/http-result.ts";
import { resolveRequestId } from "#app/_http/request-id.ts";
import { AppError } from "#lib/core/errors.ts";

/** Returns the error format of a path: OpenAI's below /v1 and /api/v1, ours elsewhere. */
export function errorShapeOf(pathname: string): ErrorShape {
  return /^\/(api\/)?v1(\/|$)/.test(pathname) ? "openai" : "own";
}

/** Returns the error for a path below /api or /v1 that no route has (D11). */
export function unknownPathError(pathname: string): AppError {
  const message = /^\/v1(\/|$)/.test(pathname)
    ? "The API is at /api/v1. Change the base URL of your client."
    : "There is no such endpoint. /api/openapi.json lists those that exist.";
  return new AppError("not_found", { message });
}

/**
 * Responds to a path that no route has, where Next.js serves the API: in development and on hosts that run
 * Next.js itself. `npm start` responds before Next.js does (app/_http/server/dispatcher.ts).
 */
export function respondUnknownPath(request: Request): Response {
  const { pathname } = new URL(request.url);
  const requestId = resolveRequestId(request.headers);
  const headers = new Headers({ "x-request-id": requestId, "cache-control": "no-store" });
  return toWebResponse(toErrorResult(unknownPathError(pathname), requestId, headers, errorShapeOf(pathname)));
}
