/**
 * Matches code, which stays unchanged, or math between \( \) or \[ \], the delimiters that most models write.
 */
const codeOrMath =
  /(^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\2[^\n]*$|(?![\s\S])))|(`+)(?!`)[\s\S]*?\3|\\\(([\s\S]+?)\\\)|([ \t]*)\\\[([\s\S]+?)\\\]/gm;

/**
 * Replaces the delimiters of math by `$$`, the only ones that the renderer reads. Code and unclosed math stay
 * unchanged.
 */
export function normalizeMathDelimiters(text: string): string {
  if (!text.includes("\\(") && !text.includes("\\[")) return text;
  return text.replace(codeOrMath, (whole, _block, _fence, _ticks, inline, indent = "", display) => {
    if (inline !== undefined) return `$$${inline.trim()}$$`;
    // Keeps the indentation, so that a formula stays in its list item.
    if (display !== undefined) return `\n${indent}$$\n${indent}${display.trim()}\n${indent}$$\n`;
    return whole;
  });
}
