import { separateThinking } from "#lib/gateways/openai/think-tags.ts";

const maxTitleLength = 80;

/**
 * Returns the title in a model's answer, without thinking, code fences, JSON, quotation marks and markup, at
 * most 80 UTF-16 units long and cut between characters; null when there is none.
 */
export function parseTitle(answer: string, startsThinking = false): string | null {
  const { text } = separateThinking(answer.replaceAll("\0", "").trim(), startsThinking);
  const content = fromJson(withoutFence(text.trim()));
  const firstLine = content.split(/\r\n|\r|\n/).find((line) => hasWords.test(line)) ?? "";
  const title = truncate(bareTitle(firstLine).toWellFormed());
  return title === "" ? null : title;
}

/** Removes the code fence around an answer. */
function withoutFence(text: string): string {
  return /^(```+|~~~+)[^\n]*\n([\s\S]*?)\n?\1/.exec(text)?.[2]?.trim() ?? text.replace(/^```+|```+$/g, "");
}

/** Returns the title of a JSON answer: a text, or the field "title" or else the first text of an object. */
function fromJson(text: string): string {
  if (!/^[{["]/.test(text)) return text;
  try {
    return titleIn(JSON.parse(text)) ?? text;
  } catch {
    // JSON that was cut at the token limit.
    return /"(?:title|name)"\s*:\s*"((?:[^"\\]|\\.)*)/i.exec(text)?.[1] ?? text;
  }
}

function titleIn(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return null;
  if ("title" in value && typeof value.title === "string") return value.title;
  for (const inner of Object.values(value)) {
    const title = titleIn(inner);
    if (title !== null) return title;
  }
  return null;
}

function bareTitle(line: string): string {
  const bare = line
    .trim()
    .replace(/^[#>*_`\s]+/, "")
    .replace(/^(title|titel)\s*[:：]\s*/i, "");
  return bare.replace(/^["'“”„«»‘’`#*_\s]+|["'“”«»‘’`*_.。\s]+$/g, "").trim();
}

const hasWords = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function truncate(title: string): string {
  if (title.length <= maxTitleLength) return title;
  let end = 0;
  for (const { index, segment } of graphemes.segment(title)) {
    if (index + segment.length > maxTitleLength) break;
    end = index + segment.length;
  }
  return title.slice(0, end).trim();
}
