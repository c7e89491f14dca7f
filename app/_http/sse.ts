import type { HttpRequest } from "#app/_http/http-request.ts";
import type { ByteStream } from "#app/_http/http-result.ts";

/**
 * One item of an event stream: an event with its id (readers resume from it with Last-Event-ID), or a
 * heartbeat.
 */
export type SseItem = { id: number; event: unknown } | "heartbeat";

const encoder = new TextEncoder();
/** Sent at once, so that the client sees the response headers; sets the reconnection delay to 1000 ms. */
const preamble = encoder.encode("retry: 1000\n\n");
const heartbeat = encoder.encode(": still here\n\n");

type OpenSource<T> = (signal: AbortSignal) => Promise<AsyncIterator<T, void>>;

/** The return value of a route handler that responds with server-sent events. */
export class EventStream {
  readonly bytes: ByteStream;
  constructor(bytes: ByteStream) {
    this.bytes = bytes;
  }

  /** Prevent proxies from compressing, caching or buffering the stream. */
  static readonly headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    // nginx buffers responses without this header.
    "x-accel-buffering": "no",
  };
}

/**
 * Responds with server-sent events.
 * @param open opens the source; its signal is aborted when the client disconnects
 */
export function sseStream(open: OpenSource<SseItem>, request: HttpRequest): Promise<EventStream> {
  return openStream(open, request, encodeItem, preamble);
}

/** Responds with server-sent events whose source yields encoded bytes; they are passed on unchanged. */
export function encodedSseStream(open: OpenSource<Uint8Array>, request: HttpRequest): Promise<EventStream> {
  return openStream(open, request, (bytes) => bytes, null);
}

async function openStream<T>(
  open: OpenSource<T>,
  { signal }: HttpRequest,
  encode: (item: T) => Uint8Array,
  first: Uint8Array | null,
): Promise<EventStream> {
  const disconnected = new AbortController();
  const abort = () => disconnected.abort();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const items = await open(disconnected.signal);
  let isClosed = false;
  const close = () => {
    isClosed = true;
    signal.removeEventListener("abort", abort);
  };
  return new EventStream({
    first,
    async next() {
      const { value, done } = await items.next();
      if (done !== true) return encode(value);
      close();
      return null;
    },
    async cancel() {
      if (isClosed) return;
      close();
      abort();
      await items.return?.();
    },
  });
}

function encodeItem(item: SseItem): Uint8Array {
  if (item === "heartbeat") return heartbeat;
  return encoder.encode(`id: ${item.id}\ndata: ${JSON.stringify(item.event)}\n\n`);
}
