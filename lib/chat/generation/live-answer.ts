import type { StreamEvent } from "#lib/chat/generation/stream-events.ts";

export type EndEvent = Extract<StreamEvent, { type: "end" }>;
/** An event; its id is the length of the answer's text, in UTF-16 units, after the event. */
export type NumberedEvent = { id: number; event: StreamEvent };

/** The rows of a generation and their owner. */
export type GenerationKey = {
  generationId: string;
  conversationId: string;
  messageId: string;
  workspaceId: string;
  userId: string;
};

/**
 * An answer in the memory of the process that receives it. Readers have their own position, and the text is
 * stored once for all of them. The cost of adding a piece or reading at the end does not depend on the
 * length.
 */
export type LiveAnswer = GenerationKey & {
  length(): number;
  push(text: string): void;
  /** The text from a position on. */
  textFrom(position: number): string;
  setTitle(title: string): void;
  finish(end: EndEvent): void;
  /**
   * The next event after `position`; undefined when there is none yet. `knownTitle`: the title the reader
   * has.
   */
  after(position: number, knownTitle: string | null): NumberedEvent | undefined;
  /** Calls `wake` once, at the next change. Returns a function that cancels. */
  onChange(wake: () => void): () => void;
};

export function createLiveAnswer(key: GenerationKey): LiveAnswer {
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

/**
 * The index of the first piece that ends after a position. It is usually the last piece, so that one is tried
 * first.
 */
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
