import { createParser } from "eventsource-parser";

export type SseEvent = { id: string; data: string };

/**
 * Decodes a response body that arrives in chunks into server-sent events (WHATWG HTML, 9.2).
 * @returns decodes the next chunk and returns the events that it completes
 */
export function createSseDecoder(): (chunk: Uint8Array) => SseEvent[] {
  const decoder = new TextDecoder();
  let events: SseEvent[] = [];
  const parser = createParser({ onEvent: ({ id = "", data }) => events.push({ id, data }) });
  return (chunk) => {
    events = [];
    parser.feed(decoder.decode(chunk, { stream: true }));
    return events;
  };
}
