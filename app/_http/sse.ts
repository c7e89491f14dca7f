/** What a stream of events sends: an event with the id that a reader resumes from, or a sign of life. */
export type SseItem = { id: number; event: unknown } | "heartbeat";

const encoder = new TextEncoder();
/** Sent at once, so that the reader sees that it was accepted; it says how long to wait before coming back. */
const opening = encoder.encode("retry: 1000\n\n");
const heartbeat = encoder.encode(": still here\n\n");

type Open<T> = (signal: AbortSignal) => Promise<AsyncIterator<T, void>>;

/**
 * A response of server-sent events.
 * @param open begins the reading; its signal is aborted when the reader goes away
 */
export function sseResponse(open: Open<SseItem>, request: Request): Promise<Response> {
  return streamResponse(open, request, encodeItem, opening);
}

/** A response of events that are bytes already, passed on as they are. */
export function bytesResponse(open: Open<Uint8Array>, request: Request): Promise<Response> {
  return streamResponse(open, request, (bytes) => bytes);
}

/**
 * Pull-based: the next piece is only asked for when the reader has taken the last, so a reader that stalls costs one
 * piece. Never compressed, cached or collected on the way.
 */
async function streamResponse<T>(
  open: Open<T>,
  request: Request,
  encode: (item: T) => Uint8Array,
  first?: Uint8Array,
): Promise<Response> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  request.signal.addEventListener("abort", leave, { once: true });
  const items = await open(gone.signal);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (first !== undefined) controller.enqueue(first);
    },
    async pull(controller) {
      const { value, done } = await items.next();
      if (done !== true) {
        controller.enqueue(encode(value));
        return;
      }
      request.signal.removeEventListener("abort", leave);
      // A reader that has gone has closed the stream already.
      if (!gone.signal.aborted) controller.close();
    },
    async cancel() {
      leave();
      await items.return?.();
    },
  });
  const headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    // nginx would collect the stream otherwise.
    "x-accel-buffering": "no",
  };
  return new Response(stream, { headers });
}

function encodeItem(item: SseItem): Uint8Array {
  if (item === "heartbeat") return heartbeat;
  return encoder.encode(`id: ${item.id}\ndata: ${JSON.stringify(item.event)}\n\n`);
}
