import type { Pieces } from "#app/_http/answer.ts";
import type { Arrival } from "#app/_http/arrival.ts";

/** What a stream of events sends: an event with the id that a reader resumes from, or a sign of life. */
export type SseItem = { id: number; event: unknown } | "heartbeat";

const encoder = new TextEncoder();
/** Sent at once, so that the reader sees that it was accepted; it says how long to wait before coming back. */
const opening = encoder.encode("retry: 1000\n\n");
const heartbeat = encoder.encode(": still here\n\n");

type Open<T> = (signal: AbortSignal) => Promise<AsyncIterator<T, void>>;

/** What a route returns that answers with server-sent events. */
export class EventStream {
  readonly pieces: Pieces;
  constructor(pieces: Pieces) {
    this.pieces = pieces;
  }

  /** Never compressed, cached or collected on the way. */
  static readonly headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    // nginx would collect the stream otherwise.
    "x-accel-buffering": "no",
  };
}

/**
 * Server-sent events.
 * @param open begins the reading; its signal is aborted when the reader goes away
 */
export function sseStream(open: Open<SseItem>, arrival: Arrival): Promise<EventStream> {
  return openStream(open, arrival, encodeItem, opening);
}

/** Events that are bytes already, passed on as they are. */
export function byteStream(open: Open<Uint8Array>, arrival: Arrival): Promise<EventStream> {
  return openStream(open, arrival, (bytes) => bytes, null);
}

async function openStream<T>(
  open: Open<T>,
  { signal }: Arrival,
  encode: (item: T) => Uint8Array,
  first: Uint8Array | null,
): Promise<EventStream> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const items = await open(gone.signal);
  let ended = false;
  const end = () => {
    ended = true;
    signal.removeEventListener("abort", abort);
  };
  return new EventStream({
    first,
    async next() {
      const { value, done } = await items.next();
      if (done !== true) return encode(value);
      end();
      return null;
    },
    async leave() {
      if (ended) return;
      end();
      abort();
      await items.return?.();
    },
  });
}

function encodeItem(item: SseItem): Uint8Array {
  if (item === "heartbeat") return heartbeat;
  return encoder.encode(`id: ${item.id}\ndata: ${JSON.stringify(item.event)}\n\n`);
}
