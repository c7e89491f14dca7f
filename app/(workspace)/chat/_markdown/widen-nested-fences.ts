/** The opening line of a fenced block: indentation, fence, language. */
const fenceLine = /^( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)$/;
const markdownLanguage = /^(markdown|md|mdx)\b/i;

type Open = { line: number; indent: string; marker: string; length: number; depth: number; longest: number };

/**
 * Lets a block of Markdown contain fenced blocks. Models write both with three backticks, and the first inner
 * fence would end the outer block. In a block whose language is Markdown, a fence with a language opens an
 * inner block and a bare one closes the innermost; the outer fence becomes longer than all of them.
 */
export function widenNestedFences(text: string): string {
  if (!/^ {0,3}(```|~~~)[ \t]*(markdown|md|mdx)\b/im.test(text)) return text;
  const lines = text.split("\n");
  let outer: Open | undefined;
  /** The fence of another language that is open; its content is code. */
  let other: string | undefined;
  for (const [index, line] of lines.entries()) {
    const [, indent = "", fence = "", info = ""] = fenceLine.exec(line) ?? [];
    if (fence === "") continue;
    const marker = fence.charAt(0);
    if (outer === undefined) {
      if (other !== undefined) {
        if (info.trim() === "" && fence.startsWith(other)) other = undefined;
      } else if (markdownLanguage.test(info))
        outer = { line: index, indent, marker, length: fence.length, depth: 0, longest: 0 };
      else other = fence;
      continue;
    }
    if (marker !== outer.marker) continue;
    if (info.trim() !== "") {
      outer.depth += 1;
      outer.longest = Math.max(outer.longest, fence.length);
    } else if (outer.depth > 0) {
      outer.depth -= 1;
      outer.longest = Math.max(outer.longest, fence.length);
    } else if (fence.length >= outer.length) {
      widen(lines, outer, index);
      outer = undefined;
    }
  }
  // Still streaming: the closing fence is yet to come.
  if (outer !== undefined) widen(lines, outer, null);
  return lines.join("\n");
}

function widen(lines: string[], { line, marker, length, longest }: Open, end: number | null): void {
  if (longest < length) return;
  const fence = marker.repeat(longest + 1);
  const replace = (at: number) => {
    lines[at] = (lines[at] ?? "").replace(/[`~]{3,}/, fence);
  };
  replace(line);
  if (end !== null) replace(end);
}
