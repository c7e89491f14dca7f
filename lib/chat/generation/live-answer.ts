import type { ContentEvent } from "#lib/chat/generation/answer-content.ts";
import type { EndEvent, NumberedEvent } from "#lib/chat/generation/stream-events.ts";

/** The rows of a generation and their owner. */
export type GenerationKey = {
  generationId: string;
  conversationId: string;
  /** Null in a temporary chat, whose text is not stored. */
  messageId: string | null;
  workspaceId: string;
  userId: string;
};

/**
 * An answer in the memory of the process that receives it: thinking and text in the order in which they
 * arrived. Readers have their own position, and the pieces are stored once for all of them. The cost of
 * adding a piece or reading at the end does not depend on the length.
 */
export type LiveAnswer = GenerationKey & {
  /** The length of thinking and text together. */
  length(): number;
  hasText(): boolean;
  push(text: string): void;
  /** Adds to the model's thinking. */
  think(reasoning: string): void;
  /** What was added after a position; pieces of the same kind are merged. */
  contentFrom(position: number): ContentEvent[];
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

/** A piece, with its end in the whole and, for thinking, the time that the model had thought by then. */
type Piece = { text: string; end: number; thoughtMs: number | null };

/** @param clockMs the time in milliseconds, from any origin */
export function createLiveAnswer(
  key: GenerationKey,
  clockMs: () => number = () => performance.now(),
): LiveAnswer {
  const pieces: Piece[] = [];
  const waiting = new Set<() => void>();
  const thinking = createThinkingClock(clockMs);
  let hasText = false;
  let title: string | null = null;
  let end: EndEvent | undefined;
  const length = () => pieces.at(-1)?.end ?? 0;
  const changed = () => {
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  };
  const add = (text: string, thoughtMs: number | null) => {
    pieces.push({ text, end: length() + text.length, thoughtMs });
    changed();
  };
  /** The event after a position, up to the next piece of the other kind. */
  const contentAfter = (position: number): ContentEvent | undefined => {
    const first = firstAfter(pieces, position);
    const piece = pieces[first];
    if (piece === undefined) return undefined;
    let last = piece;
    const skip = position - (piece.end - piece.text.length);
    const texts = [skip > 0 ? piece.text.slice(skip) : piece.text];
    for (let index = first + 1; index < pieces.length; index++) {
      const next = pieces[index];
      if (next === undefined || (next.thoughtMs === null) !== (piece.thoughtMs === null)) break;
      texts.push(next.text);
      last = next;
    }
    const text = texts.length === 1 ? (texts[0] ?? "") : texts.join("");
    const event: ContentEvent["event"] =
      last.thoughtMs === null
        ? { type: "text", text }
        : { type: "reasoning", text, thoughtMs: Math.round(last.thoughtMs) };
    return { id: last.end, event };
  };
  return {
    ...key,
    length,
    hasText: () => hasText,
    push(text) {
      if (text === "") return;
      const thoughtMs = thinking.stop();
      const previous = pieces.at(-1);
      if (thoughtMs !== null && previous !== undefined) previous.thoughtMs = thoughtMs;
      hasText = true;
      add(text, null);
    },
    think(reasoning) {
      if (reasoning !== "") add(reasoning, thinking.elapsed());
    },
    contentFrom(position) {
      const events: ContentEvent[] = [];
      for (let next = contentAfter(position); next !== undefined; next = contentAfter(next.id))
        events.push(next);
      return events;
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
      if (position < length()) return contentAfter(position);
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
 * Measures how long the model has thought: from the request, or the text before, to the text that follows the
 * thinking.
 */
function createThinkingClock(clockMs: () => number) {
  let since = clockMs();
  let before = 0;
  let isThinking = false;
  return {
    elapsed(): number {
      isThinking = true;
      return before + clockMs() - since;
    },
    /** At a text: returns the whole time if the model was thinking until now. */
    stop(): number | null {
      const at = clockMs();
      const wasThinking = isThinking;
      if (wasThinking) before += at - since;
      isThinking = false;
      since = at;
      return wasThinking ? before : null;
    },
  };
}

/**
 * The index of the first piece that ends after a position. It is usually the last piece, so that one is tried
 * first.
 */
function firstAfter(pieces: Piece[], position: number): number {
  let low = pieces.length > 1 && (pieces.at(-2)?.end ?? 0) <= position ? pieces.length - 1 : 0;
  let high = pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.end ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
