import {
  type BundledLanguage,
  createHighlighter,
  type GrammarState,
  type Highlighter,
  type ThemedToken,
} from "shiki";
import { createJavaScriptRegexEngine } from "shiki/engine/javascript";
import { darkTheme, lightTheme } from "#app/(workspace)/chat/_markdown/code-themes.ts";

export type HighlightRequest = { id: number; code: string; language: BundledLanguage };
export type Highlighted = { tokens: ThemedToken[][]; bg?: string | undefined; fg?: string | undefined };
/** Null when the grammar could not be loaded. */
export type HighlightResponse = { id: number; result: Highlighted | null };

/** Longer lines are not highlighted; they are usually generated. */
const maxLineLength = 2_000;

const highlighter = createHighlighter({
  themes: [lightTheme, darkTheme],
  langs: [],
  engine: createJavaScriptRegexEngine({ forgiving: true }),
});

self.addEventListener("message", async ({ data }: MessageEvent<HighlightRequest>) => {
  const { id, code, language } = data;
  const result = await highlight(code, language).catch(() => null);
  self.postMessage({ id, result } satisfies HighlightResponse);
});

async function highlight(code: string, language: BundledLanguage): Promise<Highlighted> {
  const loaded = await highlighter;
  await loaded.loadLanguage(language);
  return tokenize(loaded, code, language);
}

/** The highlighted complete lines of a growing block; only the text after them is tokenized again. */
type TokenizedPrefix = { code: string; lines: ThemedToken[][]; state: GrammarState | undefined };

const prefixes = new Map<string, TokenizedPrefix[]>();
/** How many growing blocks of a language are cached. */
const maxPrefixes = 4;

function tokenize(loaded: Highlighter, text: string, language: BundledLanguage): Highlighted {
  const toTokens = (part: string, state: GrammarState | undefined) =>
    loaded.codeToTokens(part, {
      lang: language,
      themes: { light: lightTheme, dark: darkTheme },
      tokenizeTimeLimit: 0,
      tokenizeMaxLineLength: maxLineLength,
      ...(state !== undefined && { grammarState: state }),
    });
  const others = prefixes.get(language) ?? [];
  const prefix = others.find((one) => text.startsWith(one.code)) ?? { code: "", lines: [], state: undefined };
  let { lines, state } = prefix;
  const wholeLength = text.lastIndexOf("\n") + 1;
  if (wholeLength > prefix.code.length) {
    const added = toTokens(text.slice(prefix.code.length, wholeLength - 1), state);
    lines = [...lines, ...added.tokens];
    state = added.grammarState;
    const grown = { code: text.slice(0, wholeLength), lines, state };
    prefixes.set(language, [grown, ...others.filter((one) => one !== prefix)].slice(0, maxPrefixes));
  }
  const tail = toTokens(text.slice(wholeLength), state);
  return { bg: tail.bg, fg: tail.fg, tokens: [...lines, ...tail.tokens] };
}
