/**
 * Returns the text of an answer as it is read aloud: without Markdown, code, formulas and addresses. Lines
 * that are no sentences, such as headings and items of lists, end with a period.
 */
export function spokenText(markdown: string): string {
  const text = markdown
    .replace(/^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|(?![\s\S]))/gm, "\n")
    .replace(/\$\$[\s\S]{1,5000}?\$\$|\\\[[\s\S]{1,2000}?\\\]|\\\([\s\S]{1,500}?\\\)/g, " ")
    .replace(/^\[\^?[^\]\n]{1,200}\]:[^\n]*$/gm, "")
    .replace(/\[\^[^\]\s]{1,200}\]/g, "")
    .replace(/!?\[([^\]\n]{0,500})\]\([^)\s]{0,2000}(?:\s[^)]{0,200})?\)/g, "$1")
    .replace(/\bhttps?:\/\/(?:www\.)?([^\s/)>]{1,255})[^\s)>]*/g, "$1")
    .replace(/<\/?[a-z][^>\n]{0,200}>/gi, " ")
    .replace(/^\s*\|?[\s:|-]{3,}\|?\s*$/gm, "");
  return text
    .split("\n")
    .map(spokenLine)
    .filter((line) => line !== "")
    .join("\n");
}

function spokenLine(line: string): string {
  const words = line
    .replace(/^\s*(?:>\s*)*(?:#{1,6}\s+|[-*+]\s+(?:\[[ xX]\]\s+)?)?/, "")
    .replace(/^\s*(?:\*\s*){3,}$|^\s*_{3,}\s*$/, "")
    .replace(/\s*\|\s*/g, ", ")
    .replace(/[*_`~]+(?=\S)|(?<=\S)[*_`~]+/g, "")
    .replace(/\s+/g, " ")
    .replace(/^[,\s]+|[,\s]+$/g, "");
  if (!/[\p{L}\p{N}]/u.test(words)) return "";
  return /[.!?:;…。！？]["'”’)]?$/u.test(words) ? words : `${words}.`;
}

/** Some voices end silently within a longer piece. */
const maxPieceLength = 200;

/** Cuts a text into pieces that are spoken one after another, at sentences where that is possible. */
export function toPieces(text: string, language: string): string[] {
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  const pieces: string[] = [];
  for (const { segment } of segmenter.segment(text)) {
    const sentence = segment.replace(/\s+/g, " ").trim();
    const last = pieces.at(-1);
    if (sentence === "") continue;
    if (last !== undefined && last.length + sentence.length < maxPieceLength / 2)
      pieces[pieces.length - 1] = `${last} ${sentence}`;
    else pieces.push(...cut(sentence));
  }
  return pieces;
}

/** Cuts a long sentence, after a comma if there is one, else between words. */
function cut(sentence: string): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > maxPieceLength) {
    const head = rest.slice(0, maxPieceLength);
    const comma = Math.max(...[",", ";", ":", "，", "、"].map((mark) => head.lastIndexOf(mark)));
    const space = head.lastIndexOf(" ");
    const end = comma > maxPieceLength / 3 ? comma + 1 : space > 0 ? space : maxPieceLength;
    pieces.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  return rest === "" ? pieces : [...pieces, rest];
}
