import { type BundledLanguage, bundledLanguages } from "shiki";
import type { CodeHighlighterPlugin, HighlightResult } from "streamdown";
import { darkTheme, lightTheme } from "#app/(workspace)/chat/_markdown/code-themes.ts";
import type {
  HighlightRequest,
  HighlightResponse,
} from "#app/(workspace)/chat/_markdown/highlight-worker.ts";

/** Longer code stays plain: its tens of thousands of colored words would block the page. */
const maxLength = 20_000;
const maxCached = 200;

/**
 * Highlights complete blocks of code in a worker, because compiling a grammar takes longer than a frame. It
 * replaces @streamdown/code, whose limit of 500 ms per line leaves lines wrongly colored on slow machines.
 */
export const code: CodeHighlighterPlugin = {
  name: "shiki",
  type: "code-highlighter",
  getSupportedLanguages: () => Object.keys(bundledLanguages),
  getThemes: () => [lightTheme, darkTheme],
  supportsLanguage: (language) => isSupported(language.toLowerCase()),
  highlight({ code: text, language }, onHighlighted) {
    const name = language.toLowerCase();
    if (!isSupported(name) || text.length > maxLength) return null;
    const known = cache.get(keyOf(name, text));
    if (known !== undefined) return known;
    void request(name, text).then((result) => result !== null && onHighlighted?.(result));
    return null;
  },
};

function isSupported(language: string): language is BundledLanguage {
  return Object.hasOwn(bundledLanguages, language);
}

const cache = new Map<string, HighlightResult>();
const keyOf = (language: string, text: string) => `${language}\n${text}`;

const waiting = new Map<number, (response: HighlightResponse) => void>();
let worker: Worker | undefined;
let lastId = 0;

async function request(language: BundledLanguage, text: string): Promise<HighlightResult | null> {
  worker ??= startWorker();
  lastId += 1;
  const id = lastId;
  const { promise, resolve } = Promise.withResolvers<HighlightResponse>();
  waiting.set(id, resolve);
  worker.postMessage({ id, code: text, language } satisfies HighlightRequest);
  const { result } = await promise;
  if (result === null) return null;
  const { bg, fg, tokens } = result;
  const highlighted: HighlightResult = { ...(bg && { bg }), ...(fg && { fg }), tokens };
  cache.set(keyOf(language, text), highlighted);
  const oldest = cache.keys().next().value;
  if (cache.size > maxCached && oldest !== undefined) cache.delete(oldest);
  return highlighted;
}

function startWorker(): Worker {
  const started = new Worker(new URL("./highlight-worker.ts", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<HighlightResponse>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  });
  return started;
}
