"use client";

import { useTranslations } from "next-intl";
import { type FormEvent, useRef, useState } from "react";
import { cn } from "#app/_ui/cn.ts";
import { isComposing } from "#app/_ui/is-composing.ts";

type Props = {
  title: string;
  onSave: (title: string) => void;
  /** Called when the form is closed, also without a change. */
  onDone: () => void;
  className?: string;
};

/** The field for a conversation's title: Enter and leaving it save, Escape does not. */
export function RenameForm({ title, onSave, onDone, className }: Props) {
  const t = useTranslations("shell.chats");
  const [text, setText] = useState(title);
  const isDone = useRef(false);
  const close = (saves: boolean) => {
    if (isDone.current) return;
    isDone.current = true;
    onDone();
    if (saves) onSave(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    close(true);
  };
  return (
    <form onSubmit={submit} className="min-w-0 flex-1">
      <input
        // biome-ignore lint/a11y/noAutofocus: the user has just chosen to rename
        autoFocus
        dir="auto"
        aria-label={t("titleField")}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={() => close(true)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Escape" && !isComposing(event)) close(false);
        }}
        className={cn(
          "h-full w-full rounded-lg border border-input bg-background px-2 text-base sm:text-sm",
          className,
        )}
      />
    </form>
  );
}
