/**
 * Matches code, which stays unchanged, or math between \( \) or \[ \], the delimiters that most models write.
 * The lengths are limited, so that unclosed delimiters do not make the search quadratic.
 */
const codeOrMath =
  /(^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\2[^\n]*$|(?![\s\S])))|(`+)(?!`)[\s\S]{0,500}?\3|\\\(([\s\S]{1,500}?)\\\)|([ \t]{0,40})\\\[([\s\S]{1,2000}?)\\\]/gm;

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
