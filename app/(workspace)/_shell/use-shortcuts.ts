import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";

/**
 * Ctrl or Command with K searches, with Shift and O begins a new chat; as people know it from other chats.
 * @param openDrawer shows the list where it is not beside the page
 */
export function useShortcuts(openDrawer: () => void): void {
  const router = useRouter();
  const open = useRef(openDrawer);
  open.current = openDrawer;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey)) return;
      const key = event.key.toLowerCase();
      if (key === "k" && !event.shiftKey) {
        event.preventDefault();
        if (focusSearch()) return;
        open.current();
        // The drawer is drawn first, and takes the focus to itself.
        setTimeout(focusSearch, drawnMs);
      }
      if (key === "o" && event.shiftKey) {
        event.preventDefault();
        router.push("/chat");
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [router]);
}

const drawnMs = 50;

/** The list stands beside the page and in the drawer; the one that can be seen is meant. */
function focusSearch(): boolean {
  const fields = document.querySelectorAll<HTMLInputElement>("[data-find-conversations]");
  const seen = [...fields].find((field) => field.checkVisibility());
  seen?.focus();
  return seen !== undefined;
}
