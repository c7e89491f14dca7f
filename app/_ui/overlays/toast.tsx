"use client";

import { useEffect, useState } from "react";
import { Button } from "#app/_ui/button.tsx";

type Action = { label: string; onClick: () => void };
type Notice = { id: number; text: string; action: Action | undefined };

const shownMs = 6_000;
const listeners = new Set<(notice: Notice | null) => void>();
let count = 0;

/** Says something in passing at the edge of the screen, with one thing that can be done about it (undo). */
export function toast(text: string, options: { action?: Action } = {}): void {
  count += 1;
  for (const listener of listeners) listener({ id: count, text, action: options.action });
}

/** Removes the toast that is shown. */
export function dismissToast(): void {
  for (const listener of listeners) listener(null);
}

/**
 * Where toasts appear, clear of the field for messages; screen readers hear them. One at a time: a newer one
 * replaces the older.
 */
export function Toaster() {
  const [notice, setNotice] = useState<Notice | null>(null);
  useEffect(() => {
    listeners.add(setNotice);
    return () => {
      listeners.delete(setNotice);
    };
  }, []);
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => setNotice(null), shownMs);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div
      role="status"
      // Explicit: an open drawer hides from screen readers what is outside of it, except live regions.
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-14 z-60 flex justify-center p-4 md:top-auto md:bottom-24"
    >
      {notice !== null && (
        <div
          key={notice.id}
          data-toast
          className="pointer-events-auto flex animate-rise items-center gap-3 rounded-lg bg-foreground py-2 pr-2 pl-4 text-background text-sm shadow-lg"
        >
          <span className="py-1 pr-2">{notice.text}</span>
          {notice.action !== undefined && (
            <Button
              size="sm"
              variant="ghost"
              className="text-background underline underline-offset-4 hover:bg-background/15"
              onClick={() => {
                notice.action?.onClick();
                setNotice(null);
              }}
            >
              {notice.action.label}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
