/** What a stream of events sends: an event with the id that a reader resumes from, or a sign of life. */
export type SseItem = { id: number; event: unknown } | "heartbeat";

const encoder = new TextEncoder();
/** Sent at once, so that the reader sees that it was accepted; then how long it waits before it comes back. */
const opening = encoder.encode("retry: 1000\n\n");
const heartbeat = encoder.encode(": still here\n\n");

/**
 * A response of server-sent events. Pull-based: the next event is only asked for when the reader has taken the last, so a
 * reader that stalls costs one event. It is never compressed or cached on the way.
 * @param open begins the reading; its signal is aborted when the reader goes away
 */
export async function sseResponse(
  open: (signal: AbortSignal) => AsyncIterator<SseItem, void> | Promise<AsyncIterator<SseItem, void>>,
  request: Request,
  headers: Record<string, string> = {},
): Promise<Response> {
  const gone = new AbortController();
  const leave = () => gone.abort();
  request.signal.addEventListener("abort", leave, { once: true });
  const items = await open(gone.signal);
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(opening),
      async pull(controller) {
        const { value, done } = await items.next();
        if (done === true) {
          request.signal.removeEventListener("abort", leave);
          controller.close();
        } else {
          controller.enqueue(encode(value));
        }
      },
      async cancel() {
        leave();
        await items.return?.();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      // nginx would collect the stream otherwise.
      "x-accel-buffering": "no",
      ...headers,
    },
  });
}

function encode(item: SseItem): Uint8Array {
  if (item === "heartbeat") return heartbeat;
  return encoder.encode(`id: ${item.id}\ndata: ${JSON.stringify(item.event)}\n\n`);
}
