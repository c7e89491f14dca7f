/** Shorter texts are words that messages contain anyway. */
const minLength = 8;
/** The least number of characters of a text by which its beginning is recognized. */
const probeLength = 12;
const minQuotedLength = 4;
const maxTexts = 2_000;
const maxDepth = 8;
const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const placeholder = "[input]";

/**
 * Replaces parts of a request's input in the message of an error, which libraries like to quote: whole texts,
 * their beginnings, and what is in quotation marks.
 * @param input any value that contains texts, such as a parsed body
 */
export function hideInput(message: string, input: unknown): string {
  if (input === undefined || message === "") return message;
  const texts = collectTexts(input, 0, []).sort((a, b) => b.length - a.length);
  const hidden = texts.reduce(hideText, message);
  return hidden.replace(/(["'`])([^"'`]+)\1/g, (quoted, mark: string, inner: string) =>
    inner.length >= minQuotedLength && texts.some((text) => text.includes(inner))
      ? `${mark}${placeholder}${mark}`
      : quoted,
  );
}

function collectTexts(value: unknown, depth: number, found: string[]): string[] {
  if (found.length >= maxTexts || depth > maxDepth) return found;
  if (typeof value === "string" && value.length >= minLength && !uuid.test(value)) found.push(value);
  if (typeof value === "object" && value !== null)
    for (const part of Object.values(value)) collectTexts(part, depth + 1, found);
  return found;
}

function hideText(message: string, text: string): string {
  const probe = text.slice(0, probeLength);
  let rest = message;
  let hidden = "";
  for (let at = rest.indexOf(probe); at !== -1; at = rest.indexOf(probe)) {
    let length = probe.length;
    while (length < text.length && rest[at + length] === text[length]) length += 1;
    hidden += rest.slice(0, at) + placeholder;
    rest = rest.slice(at + length);
  }
  return hidden + rest;
}
