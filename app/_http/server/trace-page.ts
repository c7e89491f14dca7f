import type { IncomingMessage, ServerResponse } from "node:http";
import { inSpan, isTracing } from "#lib/core/observability/tracing.ts";

/**
 * Runs Next.js for a request as a span, with the path's pattern and without the query, which may contain a
 * token. Files of the build have no span.
 */
export function tracePage(
  { method = "GET", url = "/", headers }: IncomingMessage,
  response: ServerResponse,
  serve: () => Promise<void>,
): Promise<void> {
  const [pathname = "/"] = url.split("?", 1);
  if (!isTracing() || pathname.startsWith("/_next/")) return serve();
  const route = toPattern(pathname);
  const { traceparent } = headers;
  const options = {
    kind: "server",
    link: typeof traceparent === "string" ? traceparent : undefined,
    attributes: { "http.request.method": method, "http.route": route },
  } as const;
  return inSpan(`${method} ${route}`, options, async (span) => {
    await serve();
    span?.setAttributes({ "http.response.status_code": response.statusCode });
  });
}

/** Pages are words; everything else, such as an id or what a scanner tries, is one placeholder. */
function toPattern(pathname: string): string {
  return pathname
    .split("/")
    .slice(0, 6)
    .map((segment) => (/^[a-z][a-z.-]{0,30}$/.test(segment) || segment === "" ? segment : ":id"))
    .join("/");
}
