"use client";

import { ImageHosts } from "#app/(workspace)/chat/_markdown/_blocks/image-hosts.ts";
import { ServerText } from "#app/(workspace)/chat/_markdown/answer-text.tsx";
import { KeptServerHtml } from "#app/(workspace)/chat/_screen/kept-server-html.tsx";

/**
 * An answer's Markdown on a page that only shows it: the browser keeps the server's HTML and loads no
 * renderer.
 */
export const StaticAnswer = typeof window === "undefined" ? RenderedText : KeptText;

type Props = {
  text: string;
  /** The hosts from which it may show images. */
  imageHosts: string[];
};

function RenderedText({ text, imageHosts }: Props) {
  return (
    <ImageHosts value={imageHosts}>
      <ServerText text={text} streaming={false} />
    </ImageHosts>
  );
}

function KeptText(_props: Props) {
  return <KeptServerHtml data-rendered="server" />;
}
