"use client";

import dynamic from "next/dynamic";

const load = () => import("#app/(workspace)/chat/_markdown/markdown.tsx");
/** Loaded with the first answer: the renderer is a third of the page's script (docs/decisions/0016). */
const Markdown = dynamic(() => load().then((module) => module.Markdown), {
  loading: () => <div className="h-7" aria-hidden />,
});

/** Loads the Markdown renderer while the user is still typing. */
export function preloadMarkdown(): void {
  void load();
}

export function AnswerText({ text, streaming }: { text: string; streaming: boolean }) {
  return <Markdown text={text} streaming={streaming} />;
}
