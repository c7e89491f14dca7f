/**
 * The whole sentences at the beginning of a text, without Markdown's marks, to be read aloud.
 * @param atEnd true when no more will come, so that the rest counts as a sentence
 * @returns the words, and how much of the text they took
 */
export function plainSentences(text: string, atEnd: boolean): { text: string; length: number } {
  const length = atEnd ? text.length : lastSentenceEnd(text);
  const words = text
    .slice(0, length)
    .replace(/```[\s\S]*?(```|$)/g, " Code. ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*\|?[\s:|-]+\|\s*$/gm, "")
    .replace(/[*_`#>|~]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return { text: words, length };
}

function lastSentenceEnd(text: string): number {
  // A block of code is said when it is whole.
  const fences = [...text.matchAll(/```/g)];
  const open = fences.length % 2 === 1 ? fences.at(-1)?.index : undefined;
  const closed = open === undefined ? text : text.slice(0, open);
  const ends = [...closed.matchAll(/[.!?:](?=\s)|\n/g)];
  return (ends.at(-1)?.index ?? -1) + 1;
}
