/**
 * Returns the text that PostgreSQL and UTF-8 can store: without NUL characters and without unpaired
 * surrogates.
 */
export function toStorableText(text: string): string {
  return (text.includes("\0") ? text.replaceAll("\0", "") : text).toWellFormed();
}

/**
 * Makes the pieces of a stream storable. A high surrogate at the end of a piece is put before the next one.
 */
export function createStorableTextStream() {
  let carry = "";
  return {
    next(piece: string): string {
      if (piece === "") return "";
      const text = carry + piece;
      const last = text.charCodeAt(text.length - 1);
      carry = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : "";
      return toStorableText(carry === "" ? text : text.slice(0, -1));
    },
  };
}
