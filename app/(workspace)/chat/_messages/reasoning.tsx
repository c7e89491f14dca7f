"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";

type Props = {
  text: string;
  thoughtMs: number;
  /** The model is still thinking. */
  active: boolean;
};

/** The model's thinking, collapsed under its duration. The text is rendered only while it is open. */
export function Reasoning({ text, thoughtMs, active }: Props) {
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
          <span className="animate-pulse">Thinking…</span>
        ) : (
          `Thought for ${formatDuration(thoughtMs)}`
        )}
      </summary>
      {isOpen && (
        <div dir="auto" className="mt-1 mb-4 ml-1 whitespace-pre-wrap break-words border-l-2 pl-4">
          {text.trim()}
        </div>
      )}
    </details>
  );
}

function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
