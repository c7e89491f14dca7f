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

/** High-contrast themes meet WCAG contrast in both color schemes. */
const light = "github-light-high-contrast";
const dark = "github-dark-high-contrast";
/** Longer lines are not highlighted; they are usually generated. */
const maxLineLength = 2_000;

/**
 * Highlights code in answers. It replaces @streamdown/code, whose limit of 500 ms per line leaves lines
 * wrongly colored on slow machines, where compiling a grammar's rules takes longer.
 */
export const code: CodeHighlighterPlugin = {
  name: "shiki",
  type: "code-highlighter",
  getSupportedLanguages: () => Object.keys(bundledLanguages),
  getThemes: () => [light, dark],
  supportsLanguage: (language) => isSupported(language.toLowerCase()),
  highlight({ code: text, language }, onHighlighted) {
    const name = language.toLowerCase();
    if (!isSupported(name)) return null;
    const loaded = loadLanguage(name);
    if (!(loaded instanceof Promise)) return highlightText(loaded, text, name);
    // Code stays plain if its grammar cannot be loaded.
    loaded.then((highlighter) => onHighlighted?.(highlightText(highlighter, text, name))).catch(() => {});
    return null;
  },
};

function isSupported(language: string): language is BundledLanguage {
  return Object.hasOwn(bundledLanguages, language);
}

let highlighter: Promise<Highlighter> | undefined;
const ready = new Map<string, Highlighter>();

/** Loads a language. Returns the highlighter synchronously if the language is already loaded. */
function loadLanguage(language: BundledLanguage): Highlighter | Promise<Highlighter> {
  const loaded = ready.get(language);
  if (loaded !== undefined) return loaded;
  highlighter ??= createHighlighter({
    themes: [light, dark],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  return highlighter.then(async (created) => {
    await created.loadLanguage(language);
    ready.set(language, created);
    return created;
  });
}

/** The highlighted complete lines of a growing block; only the text after them is tokenized again. */
type TokenizedPrefix = { code: string; lines: ThemedToken[][]; state: GrammarState | undefined };

const prefixes = new Map<string, TokenizedPrefix[]>();
/** How many growing blocks of a language are cached. */
const maxPrefixes = 4;

function highlightText(highlighter: Highlighter, text: string, language: BundledLanguage): HighlightResult {
  const tokenize = (part: string, state: GrammarState | undefined) =>
    highlighter.codeToTokens(part, {
      lang: language,
      themes: { light, dark },
      tokenizeTimeLimit: 0,
      tokenizeMaxLineLength: maxLineLength,
      ...(state !== undefined && { grammarState: state }),
    });
  const others = prefixes.get(language) ?? [];
  const prefix = others.find((one) => text.startsWith(one.code)) ?? { code: "", lines: [], state: undefined };
  let { lines, state } = prefix;
  const wholeLength = text.lastIndexOf("\n") + 1;
  if (wholeLength > prefix.code.length) {
    const added = tokenize(text.slice(prefix.code.length, wholeLength - 1), state);
    lines = [...lines, ...added.tokens];
    state = added.grammarState;
    const grown = { code: text.slice(0, wholeLength), lines, state };
    prefixes.set(language, [grown, ...others.filter((one) => one !== prefix)].slice(0, maxPrefixes));
  }
  const tail = tokenize(text.slice(wholeLength), state);
  const { bg, fg } = tail;
  return { ...(bg && { bg }), ...(fg && { fg }), tokens: [...lines, ...tail.tokens] };
}
