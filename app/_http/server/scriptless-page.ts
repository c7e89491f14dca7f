import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { readSessionCookie } from "#app/_http/session/session-cookie.ts";
import { pages } from "#app/pages.ts";

/** The parts in brackets stand for one segment. */
const scriptlessPaths = pages
  .filter(({ isScriptless }) => isScriptless)
  .map(({ path }) => new RegExp(`^${path.replace(/\[\w+\]/g, "[^/]+")}$`));

/**
 * Whether a request is answered with a page without the scripts of React and Next.js: a public page whose
 * links and forms work without them, for a visitor who is not signed in (docs/decisions/0073).
 */
export function isScriptlessRequest(request: IncomingMessage, pathname: string): boolean {
  const { method, headers } = request;
  if (method !== "GET" || !scriptlessPaths.some((path) => path.test(pathname))) return false;
  // Requests of Next.js's own router are not for a document.
  if (headers.rsc !== undefined || headers["next-router-prefetch"] !== undefined) return false;
  const cookie = { get: (name: string) => (name === "cookie" ? (headers.cookie ?? null) : null) };
  return readSessionCookie(cookie) === undefined;
}

/** Serves a page of Next.js without its scripts, compressed as the browser accepts it. */
export async function serveScriptless(
  request: IncomingMessage,
  response: ServerResponse,
  next: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<void> {
  const accepted = String(request.headers["accept-encoding"] ?? "");
  // The text is changed before it is compressed.
  request.headers["accept-encoding"] = "identity";
  const { write, end } = response;
  const chunks: Buffer[] = [];
  const collect = (chunk: unknown, encoding: unknown) => {
    if (typeof chunk === "string") chunks.push(Buffer.from(chunk, toEncoding(encoding)));
    else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const finished = Promise.withResolvers<void>();
  response.once("close", finished.resolve);
  response.write = ((chunk: unknown, ...rest: unknown[]) => {
    collect(chunk, rest[0]);
    callLast(rest);
    return true;
  }) as typeof write;
  response.end = ((...args: unknown[]) => {
    collect(args[0], args[1]);
    callLast(args);
    finished.resolve();
    return response;
  }) as typeof end;
  // The headers are sent with the whole body, whose length is then known.
  const { writeHead, flushHeaders } = response;
  response.flushHeaders = () => {};
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    response.statusCode = status;
    const given = rest.find((part) => typeof part === "object" && part !== null && !Array.isArray(part));
    for (const [name, value] of Object.entries(given ?? {})) response.setHeader(name, value);
    return response;
  }) as typeof writeHead;
  try {
    await next(request, response);
    await finished.promise;
  } finally {
    Object.assign(response, { write, end, writeHead, flushHeaders });
  }
  const page = Buffer.concat(chunks).toString("utf8");
  // Next.js sends what it shows for a missing page as data for its scripts.
  const html = response.statusCode === 200 ? removeScripts(page) : page;
  const { encoding, body } = await compress(html, accepted);
  response.removeHeader("transfer-encoding");
  response.setHeader("vary", [response.getHeader("vary") ?? [], "Accept-Encoding"].flat().join(", "));
  if (encoding !== null) response.setHeader("content-encoding", encoding);
  response.setHeader("content-length", body.byteLength);
  response.end(body);
}

function toEncoding(encoding: unknown): BufferEncoding {
  return typeof encoding === "string" && Buffer.isEncoding(encoding) ? encoding : "utf8";
}

/** Calls the callback that may be the last argument of `write` and `end`. */
function callLast(args: unknown[]): void {
  const last = args.at(-1);
  if (typeof last === "function") last();
}

/**
 * Removes the scripts that load and hydrate the page, and their preloads. Next.js escapes "<" in their data,
 * so that a pattern finds their ends. Other inline scripts stay, such as the one that sets the theme; one is
 * added that follows the system's theme while the page is open, which React would do.
 */
export function removeScripts(html: string): string {
  const nonce = /<script nonce="([\w+/=-]+)"/.exec(html)?.[1];
  const script = nonce === undefined ? "" : `<script nonce="${nonce}">${followSystemTheme}</script>`;
  return html
    .replace(/<script src="\/_next\/[^>]*><\/script>/g, "")
    .replace(/<link rel="preload" as="script"[^>]*>/g, "")
    .replace(
      /<script[^>]*>(?:\(self\.__next_f|self\.__next_f|\(globalThis\["TURBOPACK"\])[^<]*<\/script>/g,
      "",
    )
    .replace("</body>", () => `${script}</body>`);
}

/** The storage key and the class names are those of next-themes. */
const followSystemTheme = `{
const query=matchMedia("(prefers-color-scheme: dark)"),root=document.documentElement;
query.addEventListener("change",()=>{
let chosen;
try{chosen=localStorage.getItem("theme")}catch{}
if(chosen&&chosen!=="system")return;
const theme=query.matches?"dark":"light";
root.classList.remove("light","dark");root.classList.add(theme);root.style.colorScheme=theme
})}`;

/** The text of each page is small and of few kinds, so that the usual level is fast enough. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

async function compress(text: string, accepted: string): Promise<{ encoding: string | null; body: Buffer }> {
  if (/\bbr\b/.test(accepted))
    return { encoding: "br", body: await promisify(brotliCompress)(text, brotliOptions) };
  if (/\bgzip\b/.test(accepted)) return { encoding: "gzip", body: await promisify(gzip)(text) };
  return { encoding: null, body: Buffer.from(text) };
}
