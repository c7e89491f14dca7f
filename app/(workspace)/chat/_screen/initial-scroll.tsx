"use client";

import { messageListId } from "#app/(workspace)/chat/_messages/message-list.tsx";
import { KeptServerHtml } from "#app/(workspace)/chat/_screen/kept-server-html.tsx";

/**
 * Scrolls the messages to their end before the first paint; a style could not without changing how the list
 * scrolls. The browser runs the script while it reads the server's HTML. In a page that is opened later the
 * list scrolls by itself.
 */
export const InitialScroll = typeof window === "undefined" ? ScrollScript : EmptyScript;

type Props = {
  /** The page's nonce in the content security policy. */
  nonce: string | undefined;
};

const source = `{const list=document.getElementById("${messageListId}");if(list)list.scrollTop=list.scrollHeight}`;

function ScrollScript({ nonce }: Props) {
  return (
    <div hidden>
      <script nonce={nonce}>{source}</script>
    </div>
  );
}

function EmptyScript(_: Props) {
  return <KeptServerHtml hidden />;
}
