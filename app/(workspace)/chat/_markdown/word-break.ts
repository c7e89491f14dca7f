/**
 * Returns the class for a text with a very long word. Browsers break such a word by measuring all the rest
 * of it for every line, which takes most of a minute for 64 KiB, unless it may break everywhere.
 */
export function wordBreak(text: string): string {
  return /\S{2000}/.test(text) ? "break-all" : "";
}
