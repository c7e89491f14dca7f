"use client";

import { ServerText } from "#app/(workspace)/chat/_markdown/answer-text.tsx";
import { KeptServerHtml } from "#app/(workspace)/chat/_screen/kept-server-html.tsx";

/**
 * An answer's Markdown on a page that only shows it: the browser keeps the server's HTML and loads no
 * renderer.
 */
export const StaticAnswer = typeof window === "undefined" ? RenderedText : KeptText;

function RenderedText({ text }: { text: string }) {
  return <ServerText text={text} streaming={false} />;
}

function KeptText(_props: { text: string }) {
  return <KeptServerHtml data-rendered="server" />;
}
