/** Whether a text has a block of code in a language, which is worth a highlighter. */
export function wantsCode(text: string): boolean {
  return /^\s*(```|~~~)[ \t]*\w/m.test(text);
}

/** Whether a text has mathematics between double dollars, which is all that is read as such: "$5 and $10" are prices. */
export function wantsMath(text: string): boolean {
  return /\$\$[\s\S]/.test(text);
}
