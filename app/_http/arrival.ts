import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "#lib/ground/errors.ts";

/** A request as routes see it, whoever received it: Next.js, or our own server. */
export type Arrival = {
  method: string;
  /** The path as it was sent, without what follows its question mark. */
  pathname: string;
  search: URLSearchParams;
  headers: Headers;
  /** Aborted when the client goes away before it has the whole answer. */
  signal: AbortSignal;
  /**
   * The body as it came, to the last byte (signatures are made over these).
   * @throws AppError `payload_too_large` as soon as it is known to be longer than `maxBytes`
   */
  readBytes(maxBytes: number): Promise<Buffer>;
};

/** A request that Next.js received. */
export function arrivalOfRequest(request: Request): Arrival {
  const { pathname, searchParams } = new URL(request.url);
  const { method, headers, signal } = request;
  return {
    method,
    pathname,
    search: searchParams,
    headers,
    signal,
    async readBytes(maxBytes) {
      if (refuseTooLong(headers.get("content-length"), maxBytes))
        return Buffer.from(await request.arrayBuffer());
      return gatherPieces(request.body ?? [], maxBytes);
    },
  };
}

/** A request that our own server received; see serve.ts. */
export function arrivalOfMessage(message: IncomingMessage, response: ServerResponse): Arrival {
  const [pathname = "/", query = ""] = splitOnce(message.url ?? "/", "?");
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return {
    method: message.method ?? "GET",
    pathname,
    search: new URLSearchParams(query),
    headers: headersOf(message),
    signal: gone.signal,
    async readBytes(maxBytes) {
      refuseTooLong(message.headers["content-length"], maxBytes);
      return gatherMessage(message, maxBytes);
    },
  };
}

/** By events: leaving a loop over the message early would close the connection, and the refusal could not be told. */
function gatherMessage(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const kept: Buffer[] = [];
    let length = 0;
    message.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length > maxBytes) reject(new AppError("payload_too_large"));
      else kept.push(piece);
    });
    message.once("end", () => resolve(kept.length === 1 && kept[0] ? kept[0] : Buffer.concat(kept)));
    message.once("error", reject);
    message.once("close", () => reject(new AppError("bad_request", { message: "The body broke off." })));
  });
}

function headersOf({ headers: given }: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return headers;
}

/** True where a length is announced, and is not too long: HTTP itself keeps to it, so that nothing has to be counted. */
function refuseTooLong(announced: string | null | undefined, maxBytes: number): boolean {
  if (announced === null || announced === undefined) return false;
  if (!(Number(announced) <= maxBytes)) throw new AppError("payload_too_large");
  return true;
}

async function gatherPieces(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > maxBytes) throw new AppError("payload_too_large");
    kept.push(piece);
  }
  return Buffer.concat(kept);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
