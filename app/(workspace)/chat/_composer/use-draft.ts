import { usePathname } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { draftKey, readDraft, writeDraft } from "#app/(workspace)/chat/_composer/drafts.ts";

export type Draft = {
  text: string;
  change: (text: string) => void;
  /** Empties the field while a message is on its way; until `sent`, the text stays kept for a reload. */
  release: () => void;
  /** The message was taken, so its text need not be kept any more. */
  sent: () => void;
};

/**
 * What is being written, kept on this device for its conversation until it was taken.
 * @param kept a text that was sent and refused: it comes back, unless something else was written meanwhile
 */
export function useDraft(conversationId: string, kept: { text: string } | null): Draft {
  const key = draftKey(conversationId, usePathname());
  const [text, setText] = useState("");
  const latest = useRef({ key, text });
  latest.current = { key, text };
  useEffect(() => {
    const draft = readDraft(key);
    if (draft !== "") setText((now) => (now === "" ? draft : now));
  }, [key]);
  useEffect(() => {
    if (kept === null || latest.current.text !== "") return;
    setText(kept.text);
    writeDraft(latest.current.key, kept.text);
  }, [kept]);
  const releasedFrom = useRef(key);
  return {
    text,
    change: (next) => {
      setText(next);
      writeDraft(key, next);
    },
    release: () => {
      releasedFrom.current = key;
      setText("");
    },
    sent: () => {
      writeDraft(releasedFrom.current, "");
      // The first message gives a chat its address, and what was written since belongs there.
      if (latest.current.text !== "") writeDraft(draftKey(conversationId, ""), latest.current.text);
    },
  };
}
