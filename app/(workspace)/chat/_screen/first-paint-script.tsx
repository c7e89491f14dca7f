"use client";

import { composerFieldId } from "#app/(workspace)/chat/_composer/composer.tsx";
import { draftKey } from "#app/(workspace)/chat/_composer/drafts.ts";
import { messageListId } from "#app/(workspace)/chat/_messages/message-list.tsx";
import { KeptServerHtml } from "#app/(workspace)/chat/_screen/kept-server-html.tsx";

/**
 * Fills the message field with the unsent draft, which makes it as high as it will be, and scrolls the
 * messages to their end, both before the first paint. The browser runs the script while it reads the server's
 * HTML. In a page that is opened later the field and the list do this themselves.
 */
export const FirstPaintScript = typeof window === "undefined" ? Script : EmptyScript;

type Props = {
  conversationId: string;
  /** The page's nonce in the content security policy. */
  nonce: string | undefined;
};

function Script({ conversationId, nonce }: Props) {
  return (
    <div hidden>
      <script nonce={nonce}>{source(conversationId)}</script>
    </div>
  );
}

function EmptyScript(_: Props) {
  return <KeptServerHtml hidden />;
}

/** The composer adopts what it finds in its field. Storage may be blocked, and then there is no draft. */
function source(conversationId: string): string {
  const [newKey, key] = [draftKey(conversationId, "/chat"), draftKey(conversationId, "")].map((text) =>
    JSON.stringify(text),
  );
  return `{
const field=document.getElementById("${composerFieldId}"),list=document.getElementById("${messageListId}");
try{
const draft=localStorage.getItem(location.pathname==="/chat"?${newKey}:${key});
if(draft&&field&&!field.value){field.value=draft;if(!CSS.supports("field-sizing","content"))field.style.height=field.scrollHeight+"px"}
}catch{}
if(list)list.scrollTop=list.scrollHeight
}`;
}
