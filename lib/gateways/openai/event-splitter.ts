import {
  createShortener,
  type SetAside,
  type Shortened,
  type Shortener,
  setAsideFromBytes,
} from "#lib/gateways/openai/set-aside.ts";
import { MalformedAnswer } from "#lib/gateways/openai/upstream-errors.ts";

/**
 * Receives an event: its bytes with the blank line that ends it, its data (several if lines of one event are
 * complete by themselves), whether it is named "error", and what its data has marks for.
 */
type OnEvent = (bytes: Buffer, payloads: string[], isError: boolean, aside: SetAside | null) => void;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const maxEventBytes = 8 * 1024 * 1024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const blankLine = Buffer.from("\n\n");

/**
 * Splits a response body into server-sent events. A body that begins with a brace or bracket is a whole JSON
 * response: it becomes one event at its end.
 */
export function createEventSplitter() {
  const append = createAppender();
  let rest: Buffer | undefined;
  /** How many of the kept bytes were already searched for the end of an event. */
  let searched = 0;
  let kind: "unknown" | "events" | "json" = "unknown";
  let jsonParts: Buffer[] = [];
  let jsonBytes = 0;
  /** Of the incomplete event, once it is long: it is read as it arrives. */
  let shortener: Shortener | null = null;

  /** Finds out what the body is; undefined while only white space has arrived. */
  function start(bytes: Buffer): Buffer | undefined {
    if (bytes.length < 3 && byteOrderMark.subarray(0, bytes.length).equals(bytes)) return undefined;
    const body = bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
    const first = body.find((byte) => byte > 0x20);
    if (first === undefined) return undefined;
    if (first === 0x3c) throw new MalformedAnswer("an HTML page");
    kind = first === 0x7b || first === 0x5b ? "json" : "events";
    return body;
  }

  function keepJson(bytes: Buffer): void {
    jsonParts.push(bytes);
    jsonBytes += bytes.length;
    if (jsonBytes > maxEventBytes) throw new MalformedAnswer("a response that is too long");
  }

  return {
    isWholeResponse: () => kind === "json",
    /** @throws MalformedAnswer */
    feed(incoming: Buffer, onEvent: OnEvent): void {
      if (kind === "json") {
        keepJson(incoming);
        return;
      }
      let bytes = rest === undefined ? incoming : append(rest, incoming);
      rest = bytes;
      if (kind === "unknown") {
        const body = start(bytes);
        if (body === undefined) return;
        bytes = body;
        searched = 0;
      }
      // `start` may have set it; TypeScript does not see that.
      if ((kind as string) === "json") {
        rest = undefined;
        keepJson(bytes);
        return;
      }
      let begin = 0;
      for (let end = findEventEnd(bytes, searched); end !== -1; end = findEventEnd(bytes, begin)) {
        readEvent(bytes.subarray(begin, end), shortener, onEvent);
        shortener = null;
        begin = end;
      }
      rest = begin < bytes.length ? bytes.subarray(begin) : undefined;
      searched = Math.max(0, (rest?.length ?? 0) - 3);
      if (rest === undefined || rest.length < setAsideFromBytes) return;
      if (rest.length > maxEventBytes) throw new MalformedAnswer("an event that is too long");
      shortener ??= createShortener();
      shortener.advance(rest);
    },
    /**
     * Reads what remains when the body has ended: an event without a blank line, or the JSON response.
     * @throws MalformedAnswer
     */
    end(onEvent: OnEvent): void {
      const last = kind === "json" ? Buffer.concat(jsonParts) : rest;
      jsonParts = [];
      rest = undefined;
      if (last === undefined || kind === "unknown") return;
      if (kind === "json") {
        const { json, aside } = shorten(last, null);
        onEvent(last, [json.toString("utf8").trim()], false, aside);
      } else readEvent(Buffer.concat([last, blankLine]), shortener, onEvent);
    },
  };
}

/**
 * Joins the kept bytes with the next ones. A long event is collected in memory with room behind it, which
 * doubles, so that its bytes are not copied with every read. Bytes that were given out never change.
 */
function createAppender(): (kept: Buffer, incoming: Buffer) => Buffer {
  let room: Buffer | null = null;
  return (kept, incoming) => {
    const length = kept.length + incoming.length;
    if (length < setAsideFromBytes) return Buffer.concat([kept, incoming], length);
    let start = room !== null && kept.buffer === room.buffer ? kept.byteOffset - room.byteOffset : -1;
    if (room === null || start === -1 || start + length > room.length) {
      room = Buffer.allocUnsafeSlow(
        Math.max(length, Math.min(2 * length, maxEventBytes + setAsideFromBytes)),
      );
      room.set(kept);
      start = 0;
    }
    room.set(incoming, start + kept.length);
    return room.subarray(start, start + length);
  };
}

/** The index after the blank line that ends an event, or -1. Lines end in LF or CR LF. */
function findEventEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lineFeed, from); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2;
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return -1;
}

function shorten(bytes: Buffer, shortener: Shortener | null): Shortened {
  if (bytes.length < setAsideFromBytes) return { json: bytes, aside: null };
  return (shortener ?? createShortener()).end(bytes);
}

function readEvent(bytes: Buffer, shortener: Shortener | null, onEvent: OnEvent): void {
  const { json, aside } = shorten(bytes, shortener);
  const event = json.toString("utf8");
  // Fast path: nearly every event has a single line.
  if (event.startsWith("data:") && event.indexOf("\n") >= event.length - 2) {
    const payload = event.slice(5).trim();
    onEvent(bytes, payload === "" ? [] : [payload], false, aside);
    return;
  }
  const lines = event.split(/\r\n|\n|\r/);
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
  const error = lines.find((line) => line.startsWith("error:"))?.slice(6);
  // llama.cpp names the field of an error "error" instead of "data".
  if (error !== undefined) {
    onEvent(bytes, [error.trim()], true, aside);
    return;
  }
  const isError = lines.some((line) => /^event:\s*error\s*$/.test(line));
  const isSeveral = data.length > 1 && data.every(isCompletePayload);
  const payloads = isSeveral ? data : [data.join("\n").trim()];
  onEvent(
    bytes,
    payloads.filter((payload) => payload !== ""),
    isError,
    aside,
  );
}

/** Some servers end events with a single line feed, which makes one event of several. */
function isCompletePayload(line: string): boolean {
  return line === "[DONE]" || (line.startsWith("{") && line.endsWith("}"));
}
