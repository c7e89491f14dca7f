"use client";

import { useEffect, useState } from "react";
import { speakableSentences } from "#app/(workspace)/chat/_messages/speakable-sentences.ts";
import type { ChatState } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { VisibleMessage } from "#app/(workspace)/chat/_stream/visible-branch.ts";

const intervalMs = 1_500;

type Props = {
  /** The last answer. */
  answer: VisibleMessage | undefined;
  /** Returns the conversation with all text that has arrived. */
  read: () => ChatState;
};

/** Announces a streaming answer to screen readers in whole sentences instead of tokens. */
export function LiveRegion({ answer, read }: Props) {
  const [announcement, setAnnouncement] = useState("");
  const streaming = answer?.status === "streaming";
  const id = answer?.endId;
  useEffect(() => {
    if (!streaming || id === undefined) return;
    const readText = () => read().messages.find((message) => message.id === id)?.text ?? "";
    let announcedLength = readText().length;
    const announce = (atEnd: boolean) => {
      const { text, length } = speakableSentences(readText().slice(announcedLength), atEnd);
      announcedLength += length;
      if (text !== "") setAnnouncement(text);
    };
    const timer = setInterval(() => announce(false), intervalMs);
    return () => {
      clearInterval(timer);
      announce(true);
    };
  }, [streaming, id, read]);
  return (
    <div aria-live="polite" className="sr-only">
      {announcement}
    </div>
  );
}
