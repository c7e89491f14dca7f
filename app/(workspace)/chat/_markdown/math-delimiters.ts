/** Code, which is left alone, or mathematics between \( \) or \[ \], which is what most models write. */
const codeOrMath =
  /(^[ \t]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t]*\2[^\n]*$|(?![\s\S])))|(`+)(?!`)[\s\S]*?\3|\\\(([\s\S]+?)\\\)|([ \t]*)\\\[([\s\S]+?)\\\]/gm;

/**
 * Writes mathematics the one way that is read here: between double dollars. Code stays as it is; so does a formula that
 * is not closed yet.
 */
export function doubleDollars(text: string): string {
  if (!text.includes("\\(") && !text.includes("\\[")) return text;
  return text.replace(codeOrMath, (whole, _block, _fence, _ticks, inline, indent = "", display) => {
    if (inline !== undefined) return `$$${inline.trim()}$$`;
    // Indented as it was, so that it stays inside its item of a list.
    if (display !== undefined) return `\n${indent}$$\n${indent}${display.trim()}\n${indent}$$\n`;
    return whole;
  });
}
