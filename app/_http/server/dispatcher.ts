import type { IncomingMessage, ServerResponse } from "node:http";
import { fromNodeRequest } from "#app/_http/http-request.ts";
import { sendResult } from "#app/_http/http-result.ts";
import { securityHeaders } from "#app/_http/security-headers.ts";
import { createRouteMatcher, type RouteTable } from "#app/_http/server/route-matcher.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Creates a node:http listener that handles the routes of a table and passes every other request to
 * `fallback` (Next.js): pages, files, other methods, unknown paths.
 */
export function createDispatcher(table: RouteTable, fallback: RequestListener): RequestListener {
  const match = createRouteMatcher(table);
  return async (request, response) => {
    const pathname = request.url?.split("?", 1)[0] ?? "/";
    const found = match(request.method ?? "GET", pathname);
    if (found === undefined) return fallback(request, response);
    for (const { key, value } of securityHeaders) response.setHeader(key, value);
    const result = await found.respond(fromNodeRequest(request, response), found.params);
    await sendResult(result, response);
  };
}
