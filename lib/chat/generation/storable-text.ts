/**
 * Returns the text that PostgreSQL and UTF-8 can store: without NUL characters and without unpaired
 * surrogates.
 */
export function toStorableText(text: string): string {
  return (text.includes("\0") ? text.replaceAll("\0", "") : text).toWellFormed();
}

/**
 * Returns the storable text of a piece of a stream. A high surrogate at its end is returned as `carry`, to be
 * put before the next piece.
 */
export function splitStorableText(text: string): { text: string; carry: string } {
  const last = text.charCodeAt(text.length - 1);
  const carry = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : "";
  return { text: toStorableText(carry === "" ? text : text.slice(0, -1)), carry };
}
