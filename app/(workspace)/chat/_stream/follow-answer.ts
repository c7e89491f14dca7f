import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { fetchWithin } from "#app/(workspace)/chat/_stream/fetch-within.ts";
import { readEvent } from "#app/(workspace)/chat/_stream/read-event.ts";
import { createSseDecoder } from "#app/(workspace)/chat/_stream/sse-decoder.ts";
import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

type FollowOptions = {
  generationId: string;
  /** Length of thinking and text received so far, in UTF-16 units. */
  length: () => number;
  onEvent: (id: number, event: StreamEvent) => void;
  /** Whether the stream is being reconnected. */
  onWaiting: (waiting: boolean) => void;
  /** The answer cannot be read any more. */
  onLost: (problem: Problem) => void;
  signal: AbortSignal;
};

/** The server sends a heartbeat every 15 s. After three missed ones the connection counts as dead. */
const silenceMs = 45_000;
const maxDelayMs = 15_000;

/**
 * Reads an answer's events to its end. After a lost connection it reconnects with exponential backoff and
 * resumes at the length received so far.
 * @param first the response that started the answer, if this page started it
 * @throws errors that are not network errors
 */
export async function followAnswer(options: FollowOptions, first?: Response): Promise<void> {
  let response = first;
  for (let failures = 0; !options.signal.aborted; failures += 1) {
    const lengthBefore = options.length();
    try {
      response ??= await reopen(options);
      if (response.status === 404 || response.status === 401) {
        return options.onLost(response.status === 401 ? { code: "unauthenticated" } : { code: "not_found" });
      }
      if (response.ok && (await readToEnd(response, options))) return;
    } catch (error) {
      if (options.signal.aborted) return;
      // Only network errors are retried.
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    }
    response = undefined;
    if (options.length() > lengthBefore) failures = 0;
    options.onWaiting(true);
    await waitBeforeRetry(Math.min(maxDelayMs, 300 * 2 ** failures), options.signal);
  }
}

function reopen({ generationId, length, signal }: FollowOptions): Promise<Response> {
  const headers = { "last-event-id": String(length()) };
  const url = `/api/openai/chat/${generationId}/stream`;
  return fetchWithin(url, { headers, cache: "no-store" }, signal);
}

/** Reads events until the answer or the connection ends. Returns true if the answer has ended. */
async function readToEnd(response: Response, options: FollowOptions): Promise<boolean> {
  const reader = response.body?.getReader();
  if (reader === undefined) return false;
  options.onWaiting(false);
  const decode = createSseDecoder();
  let lastReadAt = Date.now();
  // A phone that slept keeps a dead connection open, so the connection is closed after a long silence.
  const closeIfSilent = () => {
    if (Date.now() - lastReadAt > silenceMs) void reader.cancel();
  };
  const timer = setInterval(closeIfSilent, 5_000);
  document.addEventListener("visibilitychange", closeIfSilent);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      lastReadAt = Date.now();
      for (const { id, data } of decode(value)) {
        const event = readEvent(data);
        if (event === null) continue;
        // The event leaves a gap: reconnect and resume at the current length.
        const isContent = event.type === "text" || event.type === "reasoning";
        if (isContent && Number(id) - event.text.length > options.length()) {
          void reader.cancel();
          return false;
        }
        options.onEvent(Number(id), event);
        if (event.type === "end") {
          void reader.cancel();
          return true;
        }
      }
    }
  } finally {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", closeIfSilent);
  }
}

/** Waits until the time has passed, the network is back, the tab becomes visible or the signal aborts. */
function waitBeforeRetry(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}
