import { resolveRequestId } from "#app/_http/request-id.ts";
import { failEvent, withEvent } from "#lib/core/log.ts";

/** What Next.js tells about a request that failed; its paths contain the query, so they are not logged. */
type FailedRequest = {
  method: string;
  headers: NodeJS.Dict<string | string[]>;
};

/**
 * Logs an error that a page or layout threw while it was rendered. The reader sees its digest. With Sentry it
 * is reported like every logged error.
 * @param page the file of the page or layout (`/chat/[id]/page`) and what Next.js did
 */
export function reportPageError(
  error: unknown,
  { method, headers }: FailedRequest,
  page: { routePath: string; routeType: string },
): Promise<void> {
  const requestId = resolveRequestId(new Headers([["x-request-id", String(headers["x-request-id"] ?? "")]]));
  const digest = error instanceof Error && "digest" in error ? error.digest : undefined;
  const fields = { requestId, method, route: page.routePath, kind: page.routeType, digest };
  return withEvent("http.page", fields, () => failEvent(error));
}
