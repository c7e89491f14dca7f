/** Code, whose text stays as it is, or the mark of a footnote. */
const codeOrMark = /(`+)(?!`).*?\1(?!`)|\[\^([^\]\s]{1,200})\]/g;

/**
 * Gives the footnotes of a message names of their own, because in a document with several messages each
 * begins with footnote 1.
 * @param scope distinguishes the message
 */
export function scopeFootnotes(text: string, scope: string): string {
  if (!text.includes("[^")) return text;
  let open: string | null = null;
  const lines = text.split("\n").map((line) => {
    const [, fence, info = ""] = /^ {0,3}(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (fence !== undefined) {
      if (open === null) open = fence;
      else if (fence.startsWith(open) && info.trim() === "") open = null;
      return line;
    }
    if (open !== null) return line;
    return line.replace(codeOrMark, (whole, _ticks, name) =>
      name === undefined ? whole : `[^${scope}-${name}]`,
    );
  });
  return lines.join("\n");
}
