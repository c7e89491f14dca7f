"use client";

import { ArrowUp, Square } from "lucide-react";
import { usePathname } from "next/navigation";
import {
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Button } from "#app/_ui/button.tsx";
import { preloadMarkdown } from "#app/(workspace)/chat/_client/answer-text.tsx";
import { ModelPicker } from "#app/(workspace)/chat/_client/model-picker.tsx";
import type { PickerModel } from "#app/(workspace)/chat/_server/read-chat-frame.ts";
import { maxMessageLength } from "#lib/chat/limits.ts";

type Props = {
  conversationId: string;
  models: PickerModel[];
  model: string;
  onModel: (model: string) => void;
  running: boolean;
  onSend: (text: string) => void;
  onStop: () => void;
  /** Text that was sent and refused: it comes back here. */
  kept: string | null;
};

/** Where a message is written. What is not sent yet survives a reload. */
export function Composer({ conversationId, models, model, onModel, running, onSend, onStop, kept }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useDraft(conversationId, kept);
  useAutoHeight(field, text);
  useEscape(running, onStop);
  const ready = text.trim() !== "" && !running;
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (!ready) return;
    setText("");
    onSend(text.trim());
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter also chooses a word in Japanese or Chinese input; that must not send.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    // On a phone Enter makes a new line, because the button is under the thumb.
    if (window.matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    submit();
  };
  return (
    <form
      onSubmit={submit}
      className="rounded-2xl border border-input bg-card shadow-xs transition-colors focus-within:border-ring"
    >
      <textarea
        ref={field}
        // biome-ignore lint/a11y/noAutofocus: writing is what this page is for
        autoFocus
        rows={1}
        value={text}
        maxLength={maxMessageLength}
        aria-label="Message"
        placeholder="Write a message"
        enterKeyHint="enter"
        onFocus={preloadMarkdown}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="block max-h-[40dvh] min-h-13 w-full resize-none bg-transparent px-4 pt-3.5 pb-1 text-base leading-6 outline-none placeholder:text-muted-foreground"
      />
      <div className="flex items-center justify-between gap-2 p-2">
        <ModelPicker models={models} model={model} onModel={onModel} />
        {running ? (
          <Button
            type="button"
            size="icon"
            onClick={onStop}
            aria-label="Stop the answer"
            className="rounded-full"
          >
            <Square aria-hidden className="size-3.5 fill-current" />
          </Button>
        ) : (
          <Button type="submit" size="icon" disabled={!ready} aria-label="Send" className="rounded-full">
            <ArrowUp aria-hidden />
          </Button>
        )}
      </div>
    </form>
  );
}

/** The text, kept on this device for its conversation until it is sent. */
function useDraft(conversationId: string, kept: string | null): [string, (text: string) => void] {
  // A new chat gets another id with every visit, and its draft is meant for whichever comes next.
  const path = usePathname();
  const key = path === "/chat" ? "draft:new" : `draft:${conversationId}`;
  const [text, setText] = useState("");
  useEffect(() => {
    const draft = localStorage.getItem(key);
    if (draft !== null) setText((now) => (now === "" ? draft : now));
  }, [key]);
  useEffect(() => {
    if (kept !== null) setText((now) => (now === "" ? kept : now));
  }, [kept]);
  const change = (next: string) => {
    setText(next);
    if (next === "") localStorage.removeItem(key);
    else localStorage.setItem(key, next);
  };
  return [text, change];
}

/** Grows with what is written, up to the height that its style allows. */
function useAutoHeight(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [text]);
}

function useEscape(active: boolean, onEscape: () => void): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: globalThis.KeyboardEvent) => {
      // A menu or dialog that is open takes Escape for itself.
      if (
        event.key === "Escape" &&
        !event.defaultPrevented &&
        document.querySelector("[role=dialog],[role=menu]") === null
      ) {
        onEscape();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [active, onEscape]);
}
