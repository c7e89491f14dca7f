import { useEffect } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";

/**
 * Registers the keyboard shortcuts: Ctrl or Command with B shows or hides the sidebar, with Shift and O opens
 * a new chat.
 */
export function useShortcuts(toggleSidebar: () => void): void {
  const push = usePush();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isComposing(event) || !(event.metaKey || event.ctrlKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === "b" && !event.shiftKey) {
        event.preventDefault();
        toggleSidebar();
      }
      if (key === "o" && event.shiftKey) {
        event.preventDefault();
        push("/chat");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [push, toggleSidebar]);
}
