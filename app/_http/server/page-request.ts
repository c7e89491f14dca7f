import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";
import { isSameOrigin } from "#app/_http/same-origin.ts";
import { env } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { singleton } from "#lib/core/singleton.ts";

/** The methods that pages and files have; server actions are POST requests to a page. */
export const pageMethods = ["GET", "HEAD", "POST"];

/**
 * Returns why a request to a page is refused before Next.js sees it, which would answer these with a 500 or
 * with the page; null if nothing is wrong.
 */
export function findPageProblem(request: IncomingMessage): AppError | null {
  const { method = "GET", headers } = request;
  if (!pageMethods.includes(method)) return new AppError("method_not_allowed");
  if (method !== "POST") return null;
  const origins = new Headers();
  for (const name of ["origin", "sec-fetch-site"] as const) {
    const value = headers[name];
    if (typeof value === "string") origins.set(name, value);
  }
  if (!isSameOrigin(method, origins, env().APP_URL))
    return new AppError("forbidden", { message: "This request came from another site." });
  const type = headers["content-type"] ?? "";
  if (/^\s*multipart\//i.test(type) && !/;\s*boundary=("[^"]+"|[^\s;"]+)/i.test(type))
    return new AppError("bad_request", { message: "The form's content type has no boundary." });
  return null;
}

type PageRequest = { reachedOurCode: boolean };

const requests = () => singleton("http.page-requests", () => new AsyncLocalStorage<PageRequest>());

/** Records that the current request has reached the code of a server action of ours. */
export function markActionReached(): void {
  const request = requests().getStore();
  if (request !== undefined) request.reachedOurCode = true;
}

/** Whether a request submits a server action, by a form or by script. */
function isActionRequest({ method, headers }: IncomingMessage): boolean {
  if (method !== "POST") return false;
  return headers["next-action"] !== undefined || /^\s*multipart\//i.test(headers["content-type"] ?? "");
}

/**
 * Runs Next.js for a request.
 * @returns a function that tells whether a failure is the client's: Next.js answers with a 500 when it cannot
 *   decode the arguments of a server action, and our actions return their errors instead of throwing them
 */
export function runPageRequest(
  request: IncomingMessage,
  run: (isClientMistake: () => boolean) => Promise<void>,
): Promise<void> {
  const state: PageRequest = { reachedOurCode: false };
  const isAction = isActionRequest(request);
  return requests().run(state, () => run(() => isAction && !state.reachedOurCode));
}
