import { usePathname } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { draftKey, readDraft, writeDraft } from "#app/(workspace)/chat/_composer/drafts.ts";
import { useIsHydrating } from "#app/(workspace)/chat/_screen/use-is-hydrating.ts";

/** A message that the server has rejected, or not answered. */
export type RejectedText = { text: string; hasArrived: boolean };

export type Draft = {
  text: string;
  setText: (text: string) => void;
  /** Empties the field while a message is being sent. The stored draft stays until `confirmSend`. */
  beginSend: () => void;
  /** Deletes the stored draft: the server accepted the message. */
  confirmSend: () => void;
};

/**
 * The unsent text of a conversation, stored in this browser until the server accepts it; not stored in a
 * temporary chat.
 * @param rejectedText a rejected message; it returns to the field if the field is still empty, and leaves it
 *   when it turns out to have arrived
 * @param starter a picked example prompt, which replaces another one, or a quotation; both follow what the
 *   user has written
 */
export function useDraft(
  conversationId: string,
  rejectedText: RejectedText | null,
  starter: { text: string; isQuote?: boolean } | null,
  isTemporary: boolean,
): Draft {
  const path = usePathname();
  const key = isTemporary ? null : draftKey(conversationId, path);
  const isHydrating = useIsHydrating();
  // The server does not know the draft; a script has put it into the field (first-paint-script.tsx).
  const [text, setFieldText] = useState(() => (isHydrating ? "" : readDraft(key)));
  const latest = useRef({ key, text });
  latest.current = { key, text };
  const storedUnder = useRef(key);
  useEffect(() => {
    // A chat that becomes temporary takes its draft out of the storage.
    if (key === null) writeDraft(storedUnder.current, "");
    storedUnder.current = key;
  }, [key]);
  useEffect(() => {
    const draft = readDraft(key);
    if (draft !== "") setFieldText((current) => (current === "" ? draft : current));
  }, [key]);
  useEffect(() => {
    if (rejectedText === null) return;
    const isOwnText = latest.current.text !== (rejectedText.hasArrived ? rejectedText.text : "");
    if (isOwnText) return;
    if (rejectedText.hasArrived) {
      setFieldText("");
      return writeDraft(latest.current.key, "");
    }
    setFieldText(rejectedText.text);
    writeDraft(latest.current.key, rejectedText.text);
  }, [rejectedText]);
  const lastStarter = useRef("");
  useEffect(() => {
    if (starter === null) return;
    const { key: currentKey, text: current } = latest.current;
    const isOwnText = current.trim() !== "" && (starter.isQuote === true || current !== lastStarter.current);
    const next = isOwnText ? `${current.trimEnd()}\n\n${starter.text}` : starter.text;
    if (starter.isQuote !== true) lastStarter.current = starter.text;
    setFieldText(next);
    writeDraft(currentKey, next);
  }, [starter]);
  const sentFrom = useRef(key);
  return {
    text,
    setText: (next) => {
      setFieldText(next);
      writeDraft(key, next);
    },
    beginSend: () => {
      sentFrom.current = key;
      setFieldText("");
    },
    confirmSend: () => {
      writeDraft(sentFrom.current, "");
      // The first message gives the chat its own key. Text written meanwhile moves there.
      if (latest.current.text !== "" && !isTemporary)
        writeDraft(draftKey(conversationId, ""), latest.current.text);
    },
  };
}
