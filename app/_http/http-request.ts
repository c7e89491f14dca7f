import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "#lib/core/errors.ts";

/** A request as route handlers see it, independent of the server that received it (Next.js or node:http). */
export type HttpRequest = {
  method: string;
  /** The path as sent (percent-encoded), without the query string. */
  pathname: string;
  search: URLSearchParams;
  headers: Headers;
  /** Aborted when the client disconnects before it has the complete response. */
  signal: AbortSignal;
  /**
   * Reads the raw body; signatures are verified over exactly these bytes.
   * @throws AppError `payload_too_large` as soon as the body is known to be longer than `maxBytes`
   */
  readBytes(maxBytes: number): Promise<Buffer>;
  /**
   * Reads the raw body in pieces of about 512 KiB, as fast as they are taken.
   * @throws AppError `payload_too_large`, `bad_request` if it breaks off
   */
  readChunks(maxBytes: number): AsyncIterable<Uint8Array>;
};

/** Wraps a request that Next.js received. */
export function fromWebRequest(request: Request): HttpRequest {
  const { pathname, searchParams } = new URL(request.url);
  const { method, headers, signal } = request;
  return {
    method,
    pathname,
    search: searchParams,
    headers,
    signal,
    async readBytes(maxBytes) {
      if (checkContentLength(headers.get("content-length"), maxBytes))
        return Buffer.from(await request.arrayBuffer());
      return readStream(request.body ?? [], maxBytes);
    },
    readChunks(maxBytes) {
      checkContentLength(headers.get("content-length"), maxBytes);
      return joinChunks(request.body ?? [], maxBytes);
    },
  };
}

/** Wraps a request that our node:http server received; see serve.ts. */
export function fromNodeRequest(message: IncomingMessage, response: ServerResponse): HttpRequest {
  const [pathname = "/", query = ""] = splitOnce(message.url ?? "/", "?");
  const disconnected = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) disconnected.abort();
  });
  return {
    method: message.method ?? "GET",
    pathname,
    search: new URLSearchParams(query),
    headers: toHeaders(message),
    signal: disconnected.signal,
    async readBytes(maxBytes) {
      checkContentLength(message.headers["content-length"], maxBytes);
      return readNodeBody(message, maxBytes);
    },
    readChunks(maxBytes) {
      checkContentLength(message.headers["content-length"], maxBytes);
      // Without destroying the connection, over which the error is sent.
      return joinChunks(message.iterator({ destroyOnReturn: false }), maxBytes);
    },
  };
}

/**
 * Reads by events: leaving a `for await` loop early would close the connection before the 413 could be sent.
 */
function readNodeBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    message.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) reject(new AppError("payload_too_large"));
      else chunks.push(chunk);
    });
    message.once("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    message.once("error", reject);
    message.once("close", () => reject(new AppError("bad_request", { message: "The body broke off." })));
  });
}

function toHeaders({ headers: received }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) {
    if (value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}

/**
 * Returns true when Content-Length is present and within the limit: the HTTP parser enforces it, so the
 * body's bytes need not be counted. Returns false when it is absent.
 * @throws AppError `payload_too_large` when it is above the limit or not a number
 */
function checkContentLength(contentLength: string | null | undefined, maxBytes: number): boolean {
  if (contentLength === null || contentLength === undefined) return false;
  if (!(Number(contentLength) <= maxBytes)) throw new AppError("payload_too_large");
  return true;
}

async function readStream(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > maxBytes) throw new AppError("payload_too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const joinedBytes = 512 * 1_024;

/** Joins small pieces of a body. */
async function* joinChunks(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let total = 0;
  try {
    for await (const chunk of stream) {
      total += chunk.length;
      if (total > maxBytes) throw new AppError("payload_too_large");
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes < joinedBytes) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      waitingBytes = 0;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("bad_request", { message: "The body broke off." });
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}
