/** Returns a text as a Markdown quotation, followed by an empty line to write on. */
export function toQuote(text: string): string {
  const lines = text
    .replace(/\r\n?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .split("\n");
  return `${lines.map((line) => (line.trim() === "" ? ">" : `> ${line.trimEnd()}`)).join("\n")}\n\n`;
}
