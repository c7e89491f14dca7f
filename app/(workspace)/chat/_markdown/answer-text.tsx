"use client";

import dynamic from "next/dynamic";

const load = () => import("#app/(workspace)/chat/_markdown/markdown.tsx");
/** Markdown is a third of this page's script; it comes with the first answer, not before. */
const Markdown = dynamic(() => load().then((module) => module.Markdown), {
  loading: () => <div className="h-7" aria-hidden />,
});

/** Fetches what draws answers while the person still writes. */
export function preloadMarkdown(): void {
  void load();
}

export function AnswerText({ text, streaming }: { text: string; streaming: boolean }) {
  return <Markdown text={text} streaming={streaming} />;
}
