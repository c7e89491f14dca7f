"use client";

import { useEffect, useRef, useState } from "react";
import { speakableSentences } from "#app/(workspace)/chat/_messages/speakable-sentences.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";

const intervalMs = 1_500;

/** Announces a streaming answer to screen readers in whole sentences instead of tokens. */
export function LiveRegion({ answer }: { answer: ClientMessage | undefined }) {
  const [announcement, setAnnouncement] = useState("");
  const announced = useRef({ id: "", length: 0 });
  const latest = useRef(answer);
  latest.current = answer;
  const streaming = answer?.status === "streaming";
  const id = answer?.id;
  useEffect(() => {
    if (!streaming || id === undefined) return;
    announced.current = { id, length: latest.current?.text.length ?? 0 };
    const announce = (atEnd: boolean) => {
      const message = latest.current;
      if (message === undefined || message.id !== announced.current.id) return;
      const { text, length } = speakableSentences(message.text.slice(announced.current.length), atEnd);
      announced.current.length += length;
      if (text !== "") setAnnouncement(text);
    };
    const timer = setInterval(() => announce(false), intervalMs);
    return () => {
      clearInterval(timer);
      announce(true);
    };
  }, [streaming, id]);
  return (
    <div aria-live="polite" className="sr-only">
      {announcement}
    </div>
  );
}
