import type { ServerResponse } from "node:http";
import { log } from "#lib/core/log.ts";

/**
 * A pull-based stream of bytes. The sender requests the next chunk only after the previous one was accepted.
 */
export type ByteStream = {
  /** Sent before the first call of `next`. */
  first: Uint8Array | null;
  /** The next chunk; null at the end. */
  next(): Promise<Uint8Array | null>;
  /** Stops the source, because the reader has disconnected. Idempotent, and safe after the end. */
  cancel(): Promise<void>;
};

/** The return value of a route handler that responds with JSON that is encoded already, in parts. */
export class JsonBytes {
  readonly bytes: ByteStream;
  readonly length: number;
  constructor(parts: readonly Uint8Array[]) {
    const rest = [...parts].reverse();
    this.length = parts.reduce((sum, part) => sum + part.length, 0);
    this.bytes = { first: null, next: async () => rest.pop() ?? null, cancel: async () => {} };
  }
}

/** The result of a route, independent of the server that sends it (Next.js or node:http). */
export type HttpResult = { status: number; headers: Headers; body: string | ByteStream | Response | null };

/** Converts a result into a web Response for Next.js. */
export function toWebResponse({ status, headers, body }: HttpResult): Response {
  if (body instanceof Response) return new Response(body.body, { status, headers });
  if (body === null || typeof body === "string") return new Response(body, { status, headers });
  return new Response(toReadableStream(body), { status, headers });
}

/** Pull-based: a slow reader buffers at most one chunk. */
function toReadableStream(stream: ByteStream): ReadableStream<Uint8Array> {
  let isCanceled = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (stream.first !== null) controller.enqueue(stream.first);
    },
    async pull(controller) {
      const chunk = await stream.next();
      if (chunk !== null) controller.enqueue(chunk);
      // A canceled stream is closed already; closing it again would throw.
      else if (!isCanceled) controller.close();
    },
    async cancel() {
      isCanceled = true;
      await stream.cancel();
    },
  });
}

/**
 * Sends a result over node:http, waiting for the client wherever the socket's buffer is full. Resolves when
 * all bytes are handed to the socket, or when the client has disconnected.
 */
export async function sendResult(
  { status, headers, body }: HttpResult,
  response: ServerResponse,
): Promise<void> {
  response.setHeaders(headers);
  // `writeHead` would send the headers now; setting the status lets Node.js add Content-Length to a complete
  // body.
  response.statusCode = status;
  if (body === null) response.end();
  else if (typeof body === "string") response.end(body);
  else if (body instanceof Response) response.end(Buffer.from(await body.arrayBuffer()));
  else await sendByteStream(body, response);
}

async function sendByteStream(stream: ByteStream, response: ServerResponse): Promise<void> {
  try {
    if (stream.first !== null) response.write(stream.first);
    else response.flushHeaders();
    for (let chunk = await stream.next(); chunk !== null; chunk = await stream.next()) {
      if (!response.write(chunk)) await untilDrained(response);
      if (response.destroyed) break;
    }
    response.end();
  } catch (error) {
    log.error({ err: error }, "A response stream failed");
    response.destroy();
  } finally {
    await stream.cancel();
  }
}

/** Resolves when the socket's buffer is empty or the connection is closed. */
function untilDrained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
    if (response.destroyed) done();
  });
}
