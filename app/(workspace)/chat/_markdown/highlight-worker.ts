import { type BundledLanguage, createHighlighter, type ThemedToken } from "shiki";
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

async function highlight(text: string, language: BundledLanguage): Promise<Highlighted> {
  const loaded = await highlighter;
  await loaded.loadLanguage(language);
  const { bg, fg, tokens } = loaded.codeToTokens(text, {
    lang: language,
    themes: { light: lightTheme, dark: darkTheme },
    tokenizeTimeLimit: 0,
    tokenizeMaxLineLength: maxLineLength,
  });
  return { bg, fg, tokens };
}
