import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { readEvent } from "#app/(workspace)/chat/_stream/read-event.ts";
import { createSseParser } from "#app/(workspace)/chat/_stream/sse-parser.ts";
import type { StreamEvent } from "#lib/chat/stream-events.ts";

type Following = {
  generationId: string;
  /** How much of the text is here, in UTF-16 units. */
  length: () => number;
  onEvent: (id: number, event: StreamEvent) => void;
  onConnection: (connection: "open" | "waiting") => void;
  onLost: (problem: Problem) => void;
  signal: AbortSignal;
};

/** The server says something at least every 15 s; after three of those it is gone, whatever the network says. */
const silenceMs = 45_000;
const longestPauseMs = 15_000;

/**
 * Follows an answer to its end, whatever happens to the connection: a plain close means to come back with what is here.
 * @param first the response that started the answer, when there is one
 */
export async function followAnswer(following: Following, first?: Response): Promise<void> {
  let response = first;
  for (let pauses = 0; !following.signal.aborted; pauses += 1) {
    const lengthBefore = following.length();
    try {
      response ??= await reopen(following);
      if (response.status === 404 || response.status === 401) {
        return following.onLost(
          response.status === 401
            ? {
                code: "unauthenticated",
                message: "You are signed out. Sign in to see this answer; it goes on.",
              }
            : { code: "not_found", message: "This answer is not there any more." },
        );
      }
      if (response.ok && (await readToEnd(response, following))) return;
    } catch (error) {
      if (following.signal.aborted) return;
      // A lost connection is the ordinary case here; anything else would fail again and be seen below.
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    }
    response = undefined;
    if (following.length() > lengthBefore) pauses = 0;
    following.onConnection("waiting");
    await pause(Math.min(longestPauseMs, 300 * 2 ** pauses), following.signal);
  }
}

function reopen({ generationId, length, signal }: Following): Promise<Response> {
  const headers = { "last-event-id": String(length()) };
  return fetch(`/api/openai/chat/${generationId}/stream`, { headers, signal, cache: "no-store" });
}

/** True once the answer has ended; false when only the connection has. */
async function readToEnd(response: Response, following: Following): Promise<boolean> {
  const reader = response.body?.getReader();
  if (reader === undefined) return false;
  following.onConnection("open");
  const parser = createSseParser();
  const decoder = new TextDecoder();
  let heardAt = Date.now();
  // A phone that slept keeps a dead connection open; waking up, it is closed and opened again.
  const watch = () => {
    if (Date.now() - heardAt > silenceMs) void reader.cancel();
  };
  const timer = setInterval(watch, 5_000);
  document.addEventListener("visibilitychange", watch);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return false;
      heardAt = Date.now();
      for (const { id, data } of parser.feed(decoder.decode(value, { stream: true }))) {
        const event = readEvent(data);
        if (event === null) continue;
        // A piece that begins behind what is here would leave a hole: come back from where we are.
        if (event.type === "text" && Number(id) - event.text.length > following.length()) {
          void reader.cancel();
          return false;
        }
        following.onEvent(Number(id), event);
        if (event.type === "end") {
          void reader.cancel();
          return true;
        }
      }
    }
  } finally {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", watch);
  }
}

/** Waits, but no longer than until the network or the person is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
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
