/** The endings after which an answer can be continued; it has to have text. */
const continuable = new Set(["length", "stopped", "out_of_credit", "interrupted", "failed"]);

/** Whether an answer has ended before it was complete, so that the rest of it can be requested. */
export function canContinue({ status, text }: { status: string; text: string }): boolean {
  return continuable.has(status) && text !== "";
}

/** The longest repetition that is looked for, in UTF-16 units. */
const maxOverlap = 400;

/**
 * Appends the continuation of an answer so that both read as one text: what the continuation repeats of the
 * end is left out, and so is a fence that opens a block of code that is already open. A space is added where
 * two words would touch.
 * @param isStreaming the continuation is still growing: its first words are left out for now if they may be
 *   a repetition
 */
export function joinContinuation(text: string, continuation: string, isStreaming = false): string {
  const end = text.slice(-maxOverlap);
  const rest = withoutFence(text, continuation);
  if (rest.trim() === "") return text;
  const repeated = overlapOf(end, rest);
  const isRepetition = isStreaming && rest.length < maxOverlap && atWordStart(end, rest.trimStart());
  if (isRepetition) return text;
  if (repeated > 0) return text + rest.slice(repeated);
  return text + (needsSpace(text, rest) ? " " : "") + rest;
}

/** The length of the beginning of `rest` that repeats the last words of `end`, with the space before it. */
function overlapOf(end: string, rest: string): number {
  const indent = rest.length - rest.trimStart().length;
  const start = rest.slice(indent);
  const tail = end.trimEnd();
  for (let length = Math.min(tail.length, start.length); length > 0; length--) {
    const at = tail.length - length;
    const repeated = start.slice(0, length);
    // A fence or the mark of a list is no repetition.
    if (!startsWord(tail, at) || !tail.endsWith(repeated) || !/[\p{L}\p{N}]/u.test(repeated)) continue;
    // The space after the repeated words may be there already.
    const isSpaced = tail.length < end.length;
    const after = start.slice(length);
    return indent + length + (isSpaced ? after.length - after.trimStart().length : 0);
  }
  return 0;
}

/** Whether a text occurs at the beginning of a word, up to the end or beyond. */
function atWordStart(end: string, text: string): boolean {
  for (let at = end.indexOf(text); at !== -1; at = end.indexOf(text, at + 1)) {
    if (startsWord(end, at)) return true;
  }
  return false;
}

/** Whether a word begins at a position: letters and digits of one word are not cut. */
function startsWord(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text.charAt(at - 1)) || !/[\p{L}\p{N}]/u.test(text.charAt(at));
}

/** Scripts without spaces need none, and neither do a text that ends with one and code. */
function needsSpace(text: string, rest: string): boolean {
  return (
    /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d.,;:!?)]$/u.test(text) &&
    /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d(]/u.test(rest) &&
    openFence(text) === null
  );
}

function withoutFence(text: string, continuation: string): string {
  const fence = openFence(text);
  if (fence === null) return continuation;
  const again = /^\s*(`{3,}|~{3,})[^`\n]*(\n|$)/.exec(continuation);
  // A bare fence is the end of the block.
  const isOpening = again !== null && again[1] !== undefined && again[0].trim() !== again[1];
  return isOpening ? continuation.slice(again[0].length) : continuation;
}

/** The fence of the block of code that is open at the end of a text. */
function openFence(text: string): string | null {
  let open: string | null = null;
  for (const line of text.split("\n")) {
    const [, fence, info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence === undefined) continue;
    if (open === null) open = fence;
    else if (fence.startsWith(open) && info.trim() === "") open = null;
  }
  return open;
}
