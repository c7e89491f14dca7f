import type { ServerResponse } from "node:http";
import { log } from "#lib/ground/log.ts";

/** Bytes that are made while they are sent. Nothing is asked for before the last piece was taken. */
export type Pieces = {
  /** Sent at once. */
  first: Uint8Array | null;
  /** The next piece; null at the end. */
  next(): Promise<Uint8Array | null>;
  /** The reader has gone: nothing is asked for any more. Safe to call again, and at the end. */
  leave(): Promise<void>;
};

/** What a route answers, before it is known who carries it: Next.js, or our own server. */
export type Answer = { status: number; headers: Headers; body: string | Pieces | Response | null };

/** The answer as Next.js carries it. */
export function responseOf({ status, headers, body }: Answer): Response {
  if (body instanceof Response) return new Response(body.body, { status, headers });
  if (body === null || typeof body === "string") return new Response(body, { status, headers });
  return new Response(webStreamOf(body), { status, headers });
}

/** Pull-based, so that a reader that stalls costs one piece. */
function webStreamOf(pieces: Pieces): ReadableStream<Uint8Array> {
  let left = false;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (pieces.first !== null) controller.enqueue(pieces.first);
    },
    async pull(controller) {
      const piece = await pieces.next();
      if (piece !== null) controller.enqueue(piece);
      // A reader that has gone has closed the stream already.
      else if (!left) controller.close();
    },
    async cancel() {
      left = true;
      await pieces.leave();
    },
  });
}

/** Carries the answer over node:http, at the client's pace. Resolves once all of it is handed to the socket, or the client has gone. */
export async function sendAnswer({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  response.setHeaders(headers);
  // Set and not yet written, so that Node.js adds the length of an answer that is there whole.
  response.statusCode = status;
  if (body === null) response.end();
  else if (typeof body === "string") response.end(body);
  else if (body instanceof Response) response.end(Buffer.from(await body.arrayBuffer()));
  else await sendPieces(body, response);
}

async function sendPieces(pieces: Pieces, response: ServerResponse): Promise<void> {
  try {
    if (pieces.first !== null) response.write(pieces.first);
    else response.flushHeaders();
    for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
      if (!response.write(piece)) await untilTaken(response);
      if (response.destroyed) break;
    }
    response.end();
  } catch (error) {
    log.error({ err: error }, "A stream broke off");
    response.destroy();
  } finally {
    await pieces.leave();
  }
}

/** Until the client has taken what was written, or has gone. */
function untilTaken(response: ServerResponse): Promise<void> {
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
