import { countTokens, decode, encode, setMergeCacheSize } from "gpt-tokenizer/encoding/o200k_base";
import { runInTimeSlices } from "#lib/core/time-slices.ts";

/**
 * The tokenizer needs quadratic time for text without spaces (seven seconds for 20,000 Chinese characters),
 * so text is counted in slices of at most this many characters, cut between words if there are any.
 */
const sliceCharacters = 256;
/** Text that looks like a control token is counted as text. */
const options = { disallowedSpecial: new Set<string>() };

/** The bytes of the longest token, 128 spaces: a text has at least one token per so many bytes. */
const maxTokenBytes = 128;
/** Texts up to this length are counted at once; the worst of them takes about 10 ms. */
const maxLengthAtOnce = 2_048;

// The tokenizer keeps parts of texts that it has counted. The default of 100,000 entries would let requests
// with random text fill 100 MB.
setMergeCacheSize(10_000);

/**
 * Counts the tokens of a text. All models of the built-in catalog use the same tokenizer (o200k); for other
 * models it is an approximation, and counts are marked estimated (M6).
 */
export function countText(_modelId: string, text: string): number {
  let total = 0;
  for (const tokens of sliceCounts(text)) total += tokens;
  return total;
}

/** Whether texts are short enough for `countText`, which blocks the event loop while it counts. */
export function canCountAtOnce(texts: readonly string[]): boolean {
  let length = 0;
  for (const text of texts) length += text.length;
  return length <= maxLengthAtOnce;
}

/** Returns a number of tokens that the text cannot have less than, without counting. */
export function minimumTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / maxTokenBytes);
}

/**
 * Counts each text as `countText` does, without blocking the event loop. Ends early when one text or all
 * together exceed their limit.
 * @returns the tokens per text; null when a limit is exceeded
 */
export async function countTextsInTimeSlices(
  modelId: string,
  texts: readonly string[],
  limits: { each?: number; total?: number },
): Promise<number[] | null> {
  const { each = Number.POSITIVE_INFINITY, total = Number.POSITIVE_INFINITY } = limits;
  let minimum = 0;
  for (const text of texts) {
    const tokens = minimumTokens(text);
    minimum += tokens;
    if (tokens > each || minimum > total) return null;
  }
  if (canCountAtOnce(texts)) {
    const counts = texts.map((text) => countText(modelId, text));
    return exceeds(counts, each, total) ? null : counts;
  }
  return runInTimeSlices(countSteps(texts, each, total));
}

/** Counts a text as `countText` does, without blocking the event loop. */
export async function countTextInTimeSlices(modelId: string, text: string): Promise<number> {
  return (await countTextsInTimeSlices(modelId, [text], {}))?.[0] ?? 0;
}

function exceeds(counts: readonly number[], each: number, total: number): boolean {
  return counts.some((count) => count > each) || counts.reduce((sum, count) => sum + count, 0) > total;
}

function* countSteps(
  texts: readonly string[],
  each: number,
  total: number,
): Generator<void, number[] | null> {
  const counts: number[] = [];
  let sum = 0;
  for (const text of texts) {
    let count = 0;
    for (const tokens of sliceCounts(text)) {
      count += tokens;
      if (count > each || sum + count > total) return null;
      yield;
    }
    sum += count;
    counts.push(count);
  }
  return counts;
}

/** Yields the tokens of each slice of a text. */
function* sliceCounts(text: string): Generator<number, void> {
  for (const slice of slicesOf(text)) yield countTokens(slice, options);
}

function* slicesOf(text: string): Generator<string, void> {
  for (let from = 0; from < text.length; ) {
    const to = endOfSlice(text, from);
    const slice = text.slice(from, to);
    yield text.length > maxLengthAtOnce ? copyOf(slice) : slice;
    from = to;
  }
}

/** Returns the longest beginning of a text with at most `maxTokens`, without blocking the event loop. */
export async function truncateText(_modelId: string, text: string, maxTokens: number): Promise<string> {
  return runInTimeSlices(truncationSteps(text, maxTokens));
}

function* truncationSteps(text: string, maxTokens: number): Generator<void, string> {
  let left = maxTokens;
  let length = 0;
  for (const slice of slicesOf(text)) {
    const tokens = countTokens(slice, options);
    if (tokens > left) return text.slice(0, length) + truncateSlice(slice, left);
    left -= tokens;
    length += slice.length;
    yield;
  }
  return text;
}

/** A part of a character becomes U+FFFD when it is decoded, and is dropped. */
function truncateSlice(slice: string, maxTokens: number): string {
  const tokens = encode(slice, options);
  for (let count = maxTokens; count > 0; count--) {
    const start = decode(tokens.slice(0, count)).replace(/\uFFFD+$/, "");
    // Encoded again, the beginning may have more tokens.
    if (slice.startsWith(start) && countTokens(start, options) <= maxTokens) return start;
  }
  return "";
}

/** Copies a text. The tokenizer's cache would keep the long text alive of which `text` is a part. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** Returns where a slice ends: before its last space, because a word's token begins with the space. */
function endOfSlice(text: string, from: number): number {
  const furthest = from + sliceCharacters;
  if (furthest >= text.length) return text.length;
  // Only the slice is searched: in a text without spaces, `text.lastIndexOf` would read back to its start.
  const space = from + text.slice(from, furthest + 1).lastIndexOf(" ");
  if (space > from) return space;
  // Do not cut a surrogate pair.
  const code = text.charCodeAt(furthest - 1);
  return code >= 0xd800 && code <= 0xdbff ? furthest + 1 : furthest;
}

/** Counts a growing text without counting earlier parts again. */
export type TokenCounter = {
  add(text: string): void;
  total(): number;
  /** Does the same as `add` without blocking the event loop; no other call may come before it has ended. */
  addInTimeSlices(text: string): Promise<void>;
};

/** Creates a counter. The work for a piece does not depend on the length of the text before it. */
export function startCounter(modelId: string): TokenCounter {
  let counted = 0;
  let tail = "";
  let tailTokens: number | undefined = 0;
  function* steps(text: string): Generator<void, void> {
    tail += text;
    tailTokens = undefined;
    if (tail.length <= 2 * sliceCharacters) return;
    // Slices end where `countText` cuts them, so the sum equals the count of the whole text.
    for (;;) {
      const end = endOfSlice(tail, 0);
      if (end === tail.length) break;
      counted += countText(modelId, tail.slice(0, end));
      tail = tail.slice(end);
      yield;
    }
  }
  return {
    add(text) {
      for (const _step of steps(text));
    },
    addInTimeSlices: (text) => runInTimeSlices(steps(text)),
    total() {
      tailTokens ??= countText(modelId, tail);
      return counted + tailTokens;
    },
  };
}
