/** A section is closed at the first certain beginning of a block after this many characters. */
const minLength = 2_000;
/** A section without such a place is cut before a line: list items, rows of a table. */
const maxLength = 6_000;
const maxDefinitions = 50;

const fenceLine = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`\n]*)$/;
const definitionLine = /^ {0,3}\[([^\]\n]{1,200})\]:[^\n]{0,500}$/;
const startOfBlock = /^[^\s>|*+\-\d]/;
const startOfPart = /^(?:[-*+] |\d{1,9}[.)] |\||>)/;
const delimiterRow = /^\|?[ :|-]*-[ :|-]*\|?$/;

/** An open block of code. In Markdown, fences with a language open inner blocks (widen-nested-fences.ts). */
type Fence = { mark: string; isMarkdown: boolean; depth: number };
type Definition = { label: string; line: string };

/**
 * Returns a function that splits a growing answer into sections: parts of a few thousand characters that are
 * parsed and rendered separately. Only the last section changes while text is added, and only added text is
 * read, so that a long answer costs no more than a short one. The sections of a text do not depend on the
 * steps in which it arrived.
 */
export function createSections(): (text: string) => readonly string[] {
  let sections = startSections();
  return (text) => {
    if (!text.startsWith(sections.read)) sections = startSections();
    return sections.extend(text);
  };
}

function startSections() {
  const closed: string[] = [];
  const definitions: Definition[] = [];
  let isAfterEmptyLine = true;
  let isInMath = false;
  let openDetails = 0;
  let fence: Fence | undefined;
  let tableHeader: string[] = [];
  let previousLine = "";
  /** Lines that a cut table repeats. */
  let prefix = "";
  let start = 0;
  let at = 0;
  let shown: string[] = [];
  let shownDefinitions = 0;

  const isPart = (line: string) => startOfPart.test(line) || (isAfterEmptyLine && /^\S/.test(line));
  const close = (text: string) => {
    closed.push(prefix + text.slice(start, at));
    start = at;
    prefix = "";
    isInMath = false;
    openDetails = 0;
  };

  const readLine = (text: string, line: string) => {
    const [, mark = "", info = ""] = fenceLine.exec(line) ?? [];
    const length = at - start;
    const isFree = fence === undefined && !isInMath && openDetails === 0;
    if (isFree && isAfterEmptyLine && length >= minLength && startOfBlock.test(line)) close(text);
    else if (fence === undefined && length >= maxLength && (length >= 2 * maxLength || isPart(line))) {
      close(text);
      if (line.startsWith("|")) prefix = tableHeader.map((row) => `${row}\n`).join("");
    }
    if (mark !== "") fence = nextFence(fence, mark, info);
    else if (fence === undefined) {
      if ((line.split("$$").length - 1) % 2 === 1) isInMath = !isInMath;
      openDetails = Math.max(0, openDetails + count(line, "<details") - count(line, "</details"));
      if (!line.startsWith("|") && !line.includes("|")) tableHeader = [];
      else if (delimiterRow.test(line)) tableHeader = [previousLine, line];
      const [, label] = definitionLine.exec(line) ?? [];
      if (label !== undefined && definitions.length < maxDefinitions) definitions.push({ label, line });
    }
    previousLine = line;
    isAfterEmptyLine = line.trim() === "";
    at += line.length + 1;
  };

  return {
    read: "",
    extend(text: string): readonly string[] {
      this.read = text;
      for (let end = text.indexOf("\n", at); end !== -1; end = text.indexOf("\n", at))
        readLine(text, text.slice(at, end));
      // Links of one section may be defined in a later one.
      const isChanged = shownDefinitions !== definitions.length;
      const known = isChanged ? [] : shown;
      shown = closed.map((section, index) => known[index] ?? withDefinitions(section, definitions));
      shownDefinitions = definitions.length;
      const last = prefix + text.slice(start);
      return [...shown, fence === undefined ? withDefinitions(last, definitions) : last];
    },
  };
}

function nextFence(open: Fence | undefined, mark: string, info: string): Fence | undefined {
  const language = info.trim();
  if (open === undefined) return { mark, isMarkdown: /^(markdown|md|mdx)\b/i.test(language), depth: 0 };
  if (mark.charAt(0) !== open.mark.charAt(0)) return open;
  if (language !== "") return open.isMarkdown ? { ...open, depth: open.depth + 1 } : open;
  if (open.depth > 0) return { ...open, depth: open.depth - 1 };
  return mark.length >= open.mark.length ? undefined : open;
}

/** A section with the definitions of other sections that it refers to. */
function withDefinitions(section: string, definitions: readonly Definition[]): string {
  if (definitions.length === 0 || !section.includes("[")) return section;
  const lower = section.toLowerCase();
  const missing = definitions.filter(
    ({ label, line }) => lower.includes(`[${label.toLowerCase()}]`) && !section.includes(line),
  );
  return missing.length === 0 ? section : `${section}\n\n${missing.map(({ line }) => line).join("\n")}`;
}

function count(line: string, part: string): number {
  return line.split(part).length - 1;
}
