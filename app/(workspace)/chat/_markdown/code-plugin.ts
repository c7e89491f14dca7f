import {
  type BundledLanguage,
  bundledLanguages,
  createHighlighter,
  type GrammarState,
  type Highlighter,
  type ThemedToken,
} from "shiki";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import type { CodeHighlighterPlugin, HighlightResult } from "streamdown";

/** Their colours are readable, for code is a part of the answer. */
const light = "github-light-high-contrast";
const dark = "github-dark-high-contrast";
/** A line that is longer was written by a machine, and stays plain. */
const longestLine = 2_000;

/**
 * Colours code in answers. It stands in for @streamdown/code, which lets shiki give up on a line after half a second: on
 * a slow machine that is every new kind of line, whose rules are prepared while it is read, and it stayed miscoloured.
 */
export const code: CodeHighlighterPlugin = {
  name: "shiki",
  type: "code-highlighter",
  getSupportedLanguages: () => Object.keys(bundledLanguages),
  getThemes: () => [light, dark],
  supportsLanguage: (language) => isKnown(language.toLowerCase()),
  highlight({ code: text, language }, onColoured) {
    const name = language.toLowerCase();
    if (!isKnown(name)) return null;
    const loaded = loadLanguage(name);
    if (!(loaded instanceof Promise)) return colour(loaded, text, name);
    // A grammar that cannot be fetched leaves the code plain and whole.
    loaded.then((highlighter) => onColoured?.(colour(highlighter, text, name))).catch(() => {});
    return null;
  },
};

function isKnown(language: string): language is BundledLanguage {
  return Object.hasOwn(bundledLanguages, language);
}

let highlighter: Promise<Highlighter> | undefined;
const ready = new Map<string, Highlighter>();

/** The highlighter once it knows a language: at once when it does already. */
function loadLanguage(language: BundledLanguage): Highlighter | Promise<Highlighter> {
  const known = ready.get(language);
  if (known !== undefined) return known;
  highlighter ??= createHighlighter({
    themes: [light, dark],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return highlighter.then(async (made) => {
    await made.loadLanguage(language);
    ready.set(language, made);
    return made;
  });
}

/** Whole lines that were coloured before: of a block that grows, only what follows them is read. */
type Begun = { code: string; lines: ThemedToken[][]; state: GrammarState | undefined };

const begun = new Map<string, Begun[]>();
/** Blocks of a language that grow at the same time are few. */
const mostBegun = 4;

function colour(made: Highlighter, text: string, language: BundledLanguage): HighlightResult {
  const read = (part: string, state: GrammarState | undefined) =>
    made.codeToTokens(part, {
      lang: language,
      themes: { light, dark },
      tokenizeTimeLimit: 0,
      tokenizeMaxLineLength: longestLine,
      ...(state !== undefined && { grammarState: state }),
    });
  const others = begun.get(language) ?? [];
  const known = others.find((one) => text.startsWith(one.code)) ?? { code: "", lines: [], state: undefined };
  let { lines, state } = known;
  const whole = text.lastIndexOf("\n") + 1;
  if (whole > known.code.length) {
    const fresh = read(text.slice(known.code.length, whole - 1), state);
    lines = [...lines, ...fresh.tokens];
    state = fresh.grammarState;
    const grown = { code: text.slice(0, whole), lines, state };
    begun.set(language, [grown, ...others.filter((one) => one !== known)].slice(0, mostBegun));
  }
  const tail = read(text.slice(whole), state);
  const { bg, fg } = tail;
  return { ...(bg && { bg }), ...(fg && { fg }), tokens: [...lines, ...tail.tokens] };
}
