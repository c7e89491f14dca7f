/**
 * Returns the complete sentences at the start of a text, without Markdown syntax, for a screen reader.
 * @param atEnd true for the end of the text, where the rest counts as a sentence
 * @returns the sentences, and the length of the text that they cover
 */
export function speakableSentences(text: string, atEnd: boolean): { text: string; length: number } {
  const length = atEnd ? text.length : lastSentenceEnd(text);
  const spoken = text
    .slice(0, length)
    .replace(/```[\s\S]*?(```|$)/g, " Code. ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*\|?[\s:|-]+\|\s*$/gm, "")
    .replace(/[*_`#>|~]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return { text: spoken, length };
}

function lastSentenceEnd(text: string): number {
  // A code block is announced once it is complete.
  const fences = [...text.matchAll(/```/g)];
  const open = fences.length % 2 === 1 ? fences.at(-1)?.index : undefined;
  const closed = open === undefined ? text : text.slice(0, open);
  const ends = [...closed.matchAll(/[.!?:](?=\s)|\n/g)];
  return (ends.at(-1)?.index ?? -1) + 1;
}
