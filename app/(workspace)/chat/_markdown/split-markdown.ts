import { parseMarkdownIntoBlocks } from "streamdown";

/** A block is parsed and rendered in one piece; this many characters take a fraction of 100 ms. */
const maxBlockLength = 1_000;
/** Every block costs a constant time too, so that short ones are parsed together. */
const minBlockLength = 600;
/** A shorter answer is split by its structure only. A longer piece that cannot be cut is plain text. */
const maxParsedLength = 8_000;
/** Code needs no parsing, so that a block of it may be longer. */
const maxCodeLength = 70_000;
/** Deeper quotes and lists overflow the parser's stack; nobody can read them either. */
const maxDepth = 20;

const fence = /^ {0,3}(`{3,}|~{3,})/;
const definition = /^ {0,3}\[[^\]\n]{1,200}\]:[^\n]{0,500}$/;

/**
 * Splits an answer into blocks that are each parsed at once, so that no text blocks the browser (or the
 * server). A long text is cut before paragraphs and headings that follow an empty line; a piece that is still
 * long, before the items of a list, the rows of a table, and lines.
 */
export function splitMarkdown(text: string): string[] {
  if (text.length <= maxParsedLength && !isTooDeep(text) && !hasManyMarks(text))
    return parseMarkdownIntoBlocks(text);
  const sections = cutAtParagraphs(text);
  const definitions = text
    .split("\n")
    .filter((line) => definition.test(line))
    .slice(0, 50)
    .join("\n");
  // Links of one section may be defined in another.
  const needsDefinitions = (section: string) =>
    definitions !== "" && section.includes("[") && !isCode(section) && !isTooComplex(section);
  return joinShort(sections).map((section) =>
    needsDefinitions(section) ? `${section}\n\n${definitions}` : section,
  );
}

function joinShort(sections: string[]): string[] {
  const joined: string[] = [];
  for (const section of sections) {
    const last = joined.at(-1);
    const fits = last !== undefined && last.length + section.length < minBlockLength;
    if (fits && !isCode(section) && !isCode(last)) joined[joined.length - 1] = `${last}\n${section}`;
    else joined.push(section);
  }
  return joined;
}

/** Whether a block is shown as plain text, because parsing it would take too long. */
export function isTooComplex(block: string): boolean {
  if (isCode(block)) return block.length > maxCodeLength;
  return block.length > maxParsedLength || isTooDeep(block) || hasManyMarks(block) || hasHugeFormula(block);
}

/** Whether a block begins with a fence. */
export function isCode(block: string): boolean {
  return fence.test(block);
}

function isTooDeep(text: string): boolean {
  return depthPattern.test(text);
}

/** Quote marks and list markers in a row, or the indentation of a list that is as deep. */
const depthPattern = new RegExp(
  `^(?:[ \\t]{0,8}(?:>|[-*+] |\\d{1,9}[.)] )){${maxDepth},}|^(?: {${maxDepth * 4},}|\\t{${maxDepth},})(?:[-*+] |\\d{1,9}[.)] )`,
  "m",
);

/** Emphasis and brackets are matched against each other: their cost grows with the square of their number. */
function hasManyMarks(block: string): boolean {
  const marks = block.match(/[*_~[\]]/g)?.length ?? 0;
  return marks > 600 && marks > block.length / 4;
}

/** Formulas are laid out at once; nested or many ones take longer than all the rest of a block. */
function hasHugeFormula(block: string): boolean {
  return /\$\$[^$]{1000}/.test(block) || (block.match(/\$\$/g)?.length ?? 0) > 60;
}

/** Cuts a text where a block certainly begins, and pieces that stay long at their lines. */
function cutAtParagraphs(text: string): string[] {
  const sections: string[] = [];
  let current: string[] = [];
  let length = 0;
  let open: string | undefined;
  const flush = () => {
    if (current.length > 0) sections.push(current.join("\n"));
    current = [];
    length = 0;
  };
  let isAfterEmptyLine = true;
  for (const line of text.split("\n")) {
    const mark = fence.exec(line)?.[1];
    const isOutside = open === undefined;
    const startsBlock = isOutside && isAfterEmptyLine && /^[^\s>|*+\-\d]/.test(line);
    const startsPart = isOutside && /^(?:[-*+] |\d{1,9}[.)] |\||>)/.test(line);
    // A piece of code begins a section, so that its length counts alone.
    if ((mark !== undefined && isOutside) || (startsBlock && length > 0)) flush();
    else if (length + line.length > maxBlockLength && (startsPart || isOutside)) {
      const header = tableHeader(current);
      flush();
      if (header !== null && line.startsWith("|")) {
        current.push(...header);
        length = header.join("\n").length;
      }
    }
    current.push(line);
    length += line.length + 1;
    if (mark !== undefined) {
      if (open === undefined) open = mark;
      else if (mark.startsWith(open) && line.trim() === mark) {
        open = undefined;
        flush();
      }
    }
    isAfterEmptyLine = line.trim() === "";
  }
  flush();
  return sections;
}

/** The header and the delimiter row of a table, which its next piece repeats. */
function tableHeader(lines: string[]): string[] | null {
  const delimiter = lines.findIndex((line) => /^\|?[ :|-]*-[ :|-]*\|?$/.test(line));
  const header = lines[delimiter - 1];
  return header === undefined || !header.includes("|") ? null : [header, lines[delimiter] ?? ""];
}
