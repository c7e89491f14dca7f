import type { ServerResponse } from "node:http";

/** Allows nothing; for documents that Next.js sends without the policy of proxy.ts, such as its plain 404. */
const strictPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Checks the headers of a response of Next.js before they are sent: HTML always has a content security
 * policy, and a failure that the client caused is replaced by `refuse`.
 * @param refuse is called before the headers of a 500 are sent; returns the replacement, or null to keep it
 */
export function guardPageResponse(
  response: ServerResponse,
  refuse: () => { status: number; body: string } | null,
): void {
  const { writeHead, write, end } = response;
  let replaced = false;
  response.writeHead = function guarded(this: ServerResponse, status: number, ...rest: unknown[]) {
    const replacement = status === 500 && !replaced ? refuse() : null;
    if (replacement !== null) {
      replaced = true;
      for (const name of response.getHeaderNames()) {
        if (/^content-|^transfer-encoding$|^etag$/.test(name) && name !== "content-security-policy")
          response.removeHeader(name);
      }
      response.setHeader("content-type", "application/json");
      response.setHeader("content-length", Buffer.byteLength(replacement.body));
      writeHead.call(response, replacement.status);
      end.call(response, replacement.body, "utf8");
      return response;
    }
    if (isHtml(response, rest) && !response.hasHeader("content-security-policy"))
      response.setHeader("content-security-policy", strictPolicy);
    // The overloads of `writeHead` differ in what follows the status; they are passed on unchanged.
    return Reflect.apply(writeHead, response, [status, ...rest]);
  };
  // A response that sets its status without `writeHead` is checked with its first bytes.
  const check = () => {
    if (!response.headersSent && response.statusCode === 500) response.writeHead(500);
    return replaced;
  };
  // What Next.js writes after a replacement is dropped.
  response.write = ((...args: unknown[]) => check() || Reflect.apply(write, response, args)) as typeof write;
  response.end = ((...args: unknown[]) =>
    check() ? response : Reflect.apply(end, response, args)) as typeof end;
}

function isHtml(response: ServerResponse, rest: unknown[]): boolean {
  const type = response.getHeader("content-type");
  const inCall = rest.find((part) => typeof part === "object" && part !== null) as
    | Record<string, unknown>
    | undefined;
  return [type, inCall?.["content-type"], inCall?.["Content-Type"]].some((text) =>
    /^text\/html/i.test(String(text)),
  );
}
