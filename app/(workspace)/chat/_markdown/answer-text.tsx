"use client";

import { startTransition, use, useEffect, useState } from "react";
import { PlainText } from "#app/(workspace)/chat/_markdown/plain-text.tsx";
import { loadedRenderer, loadRendererFor, useRenderer } from "#app/(workspace)/chat/_markdown/renderer.ts";
import { KeptServerHtml } from "#app/(workspace)/chat/_screen/kept-server-html.tsx";
import { useIsHydrating } from "#app/(workspace)/chat/_screen/use-is-hydrating.ts";
import { whenIdle } from "#app/(workspace)/chat/_screen/when-idle.ts";

type Props = { text: string; streaming: boolean };

/**
 * An answer's Markdown. It is part of the server's HTML, which stays in place until the browser has loaded
 * its own renderer. An answer that begins before that is plain text at first (docs/decisions/0064).
 */
export const AnswerText = typeof window === "undefined" ? ServerText : BrowserText;

export function ServerText({ text, streaming }: Props) {
  const Renderer = loadedRenderer(text) ?? use(loadRendererFor(text));
  return (
    <div data-rendered="server">
      <Renderer text={text} streaming={streaming} />
    </div>
  );
}

function BrowserText({ text, streaming }: Props) {
  const isHydrating = useIsHydrating();
  const [keepsServerHtml, setKeepsServerHtml] = useState(isHydrating);
  const [serverText] = useState(text);
  const Renderer = useRenderer(text);
  const hasChanged = streaming || text !== serverText;
  useEffect(() => {
    if (!keepsServerHtml || Renderer === undefined) return;
    const replace = () => startTransition(() => setKeepsServerHtml(false));
    return hasChanged ? replace() : whenIdle(replace);
  }, [keepsServerHtml, Renderer, hasChanged]);
  if (keepsServerHtml) return <KeptServerHtml data-rendered="server" />;
  if (Renderer === undefined) return <PlainText text={text} />;
  return (
    <div key="live" data-rendered="live">
      <Renderer text={text} streaming={streaming} />
    </div>
  );
}
