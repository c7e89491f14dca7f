/**
 * What folding removes: accents and vowel points that readers leave out when they type (Latin, Greek,
 * Cyrillic, Hebrew, Arabic; the nukta of Indian scripts), and characters that are not visible (joiners, soft
 * hyphens, directions, variation selectors). The vowel signs of Indian and Southeast Asian scripts and the
 * voicing marks of Japanese stay: they are letters to their readers.
 */
const ignored =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: the marks are removed one by one
  /[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u093c\u09bc\u0a3c\u0abc\u180b-\u180e\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff\u{e0100}-\u{e01ef}]/gu;

/** Letters that Unicode does not decompose, and punctuation of typography, as they are typed. */
const typed: Record<string, string> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ł: "l",
  ı: "i",
  ς: "σ",
  "‘": "'",
  "’": "'",
  "‚": "'",
  ʼ: "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "‐": "-",
  "‑": "-",
  "–": "-",
  "—": "-",
  "−": "-",
};
const typedPattern = new RegExp(`[${Object.keys(typed).join("")}]`, "gu");
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ascii = /^[\u0000-\u007f]*$/;
/**
 * A character with the marks that belong to it; half-width katakana has marks that are letters to Unicode.
 */
const cluster = /[^\p{M}]?[\p{M}\uff9e\uff9f]*/gu;
/** Length of the pieces that are folded at once, in UTF-16 units. */
const pieceLength = 512;

/** A place in a text, in UTF-16 units; the end is exclusive. */
export type TextRange = [start: number, end: number];

/** A text in the form in which texts are compared, with the way back to its places in the original. */
export type FoldedText = {
  /** The original in normal form C, from which snippets are cut. */
  source: string;
  folded: string;
  /** Where each piece starts, in `source` and in `folded`. */
  pieces: { source: number; folded: number }[];
};

/**
 * Folds a text: compatibility forms (full-width letters, ligatures), upper case, accents and typographic
 * punctuation become what is typed on a keyboard. Search compares folded texts only. Yields after every
 * piece, for `runInTimeSlices`.
 */
export function* foldText(text: string): Generator<void, FoldedText> {
  const source = text.normalize("NFC");
  const pieces: FoldedText["pieces"] = [];
  const parts: string[] = [];
  let length = 0;
  for (let start = 0; start < source.length; ) {
    const end = pieceEnd(source, start + pieceLength);
    const part = fold(source.slice(start, end));
    pieces.push({ source: start, folded: length });
    parts.push(part);
    length += part.length;
    start = end;
    yield;
  }
  return { source, folded: parts.join(""), pieces };
}

/** Folds a short text at once. */
export function foldShortText(text: string): FoldedText {
  const work = foldText(text);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

function fold(piece: string): string {
  if (ascii.test(piece)) return piece.toLowerCase();
  const plain = piece.normalize("NFKD").replace(ignored, "").toLowerCase();
  // Upper case of Turkish has a dot of its own.
  return plain.replace(typedPattern, (found) => typed[found] ?? found).normalize("NFC");
}

/** The end of a piece near a position; never between a character and its marks. */
function pieceEnd(source: string, wanted: number): number {
  let end = wanted;
  // A run of marks has no end in a hostile text; any place is as good there.
  while (end < source.length && end < wanted + 64 && !isStart(source, end)) end += 1;
  return Math.min(end, source.length);
}

function isStart(source: string, index: number): boolean {
  const unit = source.charCodeAt(index);
  if (unit < 0x300) return true;
  if (unit >= 0xdc00 && unit <= 0xdfff) return false;
  return !/^[\p{M}\uff9e\uff9f]/u.test(source.slice(index, index + 2));
}

/** The characters of the source that a range of the folded text belongs to. */
export function toSourceRange(text: FoldedText, [start, end]: TextRange): TextRange {
  return [locate(text, start).start, end === 0 ? 0 : locate(text, end - 1).end];
}

function locate({ source, pieces }: FoldedText, index: number): { start: number; end: number } {
  const number = Math.max(
    0,
    pieces.findLastIndex((piece) => piece.folded <= index),
  );
  const piece = pieces[number] ?? { source: 0, folded: 0 };
  const pieceText = source.slice(piece.source, pieces[number + 1]?.source);
  if (ascii.test(pieceText)) {
    const start = piece.source + index - piece.folded;
    return { start, end: start + 1 };
  }
  let [at, foldedAt] = [piece.source, piece.folded];
  for (const [character] of pieceText.matchAll(cluster)) {
    const next = foldedAt + fold(character).length;
    if (next > index) return { start: at, end: at + character.length };
    at += character.length;
    foldedAt = next;
  }
  return { start: at, end: at };
}
