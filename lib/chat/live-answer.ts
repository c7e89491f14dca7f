import type { StreamEvent } from "#lib/chat/stream-events.ts";

export type EndEvent = Extract<StreamEvent, { type: "end" }>;
/** An event with the length of the answer's text (UTF-16 units) once it is applied. */
export type NumberedEvent = { id: number; event: StreamEvent };

/** Whose answer it is and where it is kept. */
export type AnswerKey = {
  generationId: string;
  conversationId: string;
  messageId: string;
  workspaceId: string;
  userId: string;
};

/**
 * An answer in the memory of the process that receives it. Readers take from it at their own pace: however slow they
 * are, the text is kept once. Adding a piece and reading from the end cost the same at any length.
 */
export type LiveAnswer = AnswerKey & {
  length(): number;
  push(text: string): void;
  /** The text from a position on; the whole text from 0. */
  textFrom(position: number): string;
  setTitle(title: string): void;
  finish(end: EndEvent): void;
  /** What comes after `position`, or undefined when there is nothing new yet. A title is told once a reader. */
  after(position: number, knownTitle: string | null): NumberedEvent | undefined;
  /** Calls `wake` once, at the next change. Returns how to give up waiting. */
  onChange(wake: () => void): () => void;
};

export function createLiveAnswer(key: AnswerKey): LiveAnswer {
  const pieces: string[] = [];
  /** ends[i] is the text's length after pieces[i]. */
  const ends: number[] = [];
  const waiting = new Set<() => void>();
  let title: string | null = null;
  let end: EndEvent | undefined;
  const length = () => ends.at(-1) ?? 0;
  const changed = () => {
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  };
  const textFrom = (position: number) => {
    const first = firstAfter(ends, position);
    const piece = pieces[first];
    if (piece === undefined) return "";
    const skip = position - ((ends[first] ?? 0) - piece.length);
    const head = skip > 0 ? piece.slice(skip) : piece;
    return first === pieces.length - 1 ? head : head + pieces.slice(first + 1).join("");
  };
  return {
    ...key,
    length,
    textFrom,
    push(text) {
      if (text === "") return;
      pieces.push(text);
      ends.push(length() + text.length);
      changed();
    },
    setTitle(value) {
      title = value;
      changed();
    },
    finish(event) {
      end = event;
      changed();
    },
    after(position, knownTitle) {
      if (position < length()) return { id: length(), event: { type: "text", text: textFrom(position) } };
      if (title !== null && title !== knownTitle) return { id: position, event: { type: "title", title } };
      return end === undefined ? undefined : { id: position, event: end };
    },
    onChange(wake) {
      waiting.add(wake);
      return () => waiting.delete(wake);
    },
  };
}

/** The index of the first piece that ends after a position: nearly always the last, so that is tried first. */
function firstAfter(ends: number[], position: number): number {
  let low = ends.length > 1 && (ends.at(-2) ?? 0) <= position ? ends.length - 1 : 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Text as PostgreSQL and UTF-8 can keep it: no NUL, no half of a surrogate pair. The first half at the end of a piece is
 * handed back to be put before the next one.
 */
export function splitKeepable(text: string): { text: string; carry: string } {
  const last = text.charCodeAt(text.length - 1);
  const carry = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : "";
  return { text: keepable(carry === "" ? text : text.slice(0, -1)), carry };
}

export function keepable(text: string): string {
  return (text.includes("\0") ? text.replaceAll("\0", "") : text).toWellFormed();
}
