import { useEffect, useRef } from "react";
import { isComposing } from "#app/_ui/is-composing.ts";
import { usePush } from "#app/_ui/offline-guard.tsx";

/**
 * Registers the keyboard shortcuts: Ctrl or Command with K focuses the search, with Shift and O opens a new
 * chat.
 * @param openDrawer opens the sidebar on small screens
 */
export function useShortcuts(openDrawer: () => void): void {
  const push = usePush();
  const open = useRef(openDrawer);
  open.current = openDrawer;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isComposing(event) || !(event.metaKey || event.ctrlKey)) return;
      const key = event.key.toLowerCase();
      if (key === "k" && !event.shiftKey) {
        event.preventDefault();
        if (focusSearch()) return;
        open.current();
        // The drawer takes the focus when it opens.
        setTimeout(focusSearch, drawerOpenMs);
      }
      if (key === "o" && event.shiftKey) {
        event.preventDefault();
        push("/chat");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [push]);
}

const drawerOpenMs = 50;

/**
 * Focuses the visible search field; the sidebar and the drawer each have one. Returns whether there is one.
 */
function focusSearch(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement>("[data-find-conversations]");
  const visible = [...fields].find((field) => field.checkVisibility());
  visible?.focus();
  return visible !== undefined;
}
