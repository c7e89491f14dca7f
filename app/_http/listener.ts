import type { IncomingMessage, ServerResponse } from "node:http";
import { sendAnswer } from "#app/_http/answer.ts";
import { arrivalOfMessage } from "#app/_http/arrival.ts";
import { type RouteTable, routeFinder } from "#app/_http/find-route.ts";
import { securityHeaders } from "#app/_http/security-headers.ts";

export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Answers the routes of a table over node:http, and leaves every other request to `others` (Next.js): pages, files, other
 * methods, addresses that lead nowhere.
 */
export function routesOr(table: RouteTable, others: Listener): Listener {
  const find = routeFinder(table);
  return async (request, response) => {
    const pathname = request.url?.split("?", 1)[0] ?? "/";
    const found = find(request.method ?? "GET", pathname);
    if (found === undefined) return others(request, response);
    for (const { key, value } of securityHeaders) response.setHeader(key, value);
    const answer = await found.respond(arrivalOfMessage(request, response), found.params);
    await sendAnswer(answer, response);
  };
}
