"use client";

import { useEffect, useRef, useState } from "react";
import { plainSentences } from "#app/(workspace)/chat/_messages/plain-sentences.ts";
import type { ClientMessage } from "#app/(workspace)/chat/_stream/chat-state.ts";

const pauseMs = 1_500;

/** Lets a screen reader follow an answer in whole sentences, a few at a time, instead of in tokens. */
export function SpokenAnswer({ answer }: { answer: ClientMessage | undefined }) {
  const [spoken, setSpoken] = useState("");
  const said = useRef({ id: "", length: 0 });
  const latest = useRef(answer);
  latest.current = answer;
  const streaming = answer?.status === "streaming";
  const id = answer?.id;
  useEffect(() => {
    if (!streaming || id === undefined) return;
    said.current = { id, length: latest.current?.text.length ?? 0 };
    const speak = (atEnd: boolean) => {
      const message = latest.current;
      if (message === undefined || message.id !== said.current.id) return;
      const { text, length } = plainSentences(message.text.slice(said.current.length), atEnd);
      said.current.length += length;
      if (text !== "") setSpoken(text);
    };
    const timer = setInterval(() => speak(false), pauseMs);
    return () => {
      clearInterval(timer);
      speak(true);
    };
  }, [streaming, id]);
  return (
    <div aria-live="polite" className="sr-only">
      {spoken}
    </div>
  );
}
