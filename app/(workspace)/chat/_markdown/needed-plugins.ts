/** Whether a text has a code block with a language. */
export function needsHighlighter(text: string): boolean {
  return /^\s*(```|~~~)[ \t]*\w/m.test(text);
}

/** Whether a text has math between double dollars. Single dollars are prices: "$5 and $10". */
export function needsMath(text: string): boolean {
  return /\$\$[\s\S]/.test(text);
}
