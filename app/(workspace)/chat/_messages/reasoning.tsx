"use client";

import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";

type Props = {
  text: string;
  thoughtMs: number;
  /** The model is still thinking. */
  active: boolean;
  /** Nothing has arrived for a while. */
  silent: boolean;
};

/** The model's thinking, collapsed under its duration. The text is rendered only while it is open. */
export function Reasoning({ text, thoughtMs, active, silent }: Props) {
  const t = useTranslations("chat.answer");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className="group/reasoning mb-3 text-muted-foreground text-sm"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className="-ml-1.5 flex min-h-8 w-fit list-none items-center gap-1 rounded-md px-1.5 hover:bg-muted pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="size-4 transition-transform group-open/reasoning:rotate-90 motion-reduce:transition-none"
        />
        {active ? (
          <span className="animate-pulse">{t(silent ? "stillThinking" : "thinking")}</span>
        ) : (
          thoughtFor(t, thoughtMs)
        )}
      </summary>
      {isOpen && (
        <div dir="auto" className="mt-1 mb-4 ml-1 whitespace-pre-wrap break-words border-s-2 ps-4">
          {text.trim()}
        </div>
      )}
    </details>
  );
}

function thoughtFor(t: ReturnType<typeof useTranslations<"chat.answer">>, ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 60) return t("thoughtSeconds", { seconds });
  return t("thoughtMinutes", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}
