import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** The id of the field that searches conversations. */
export const searchFieldId = "find-conversations";

/** Ctrl or Command with K searches, with Shift and O begins a new chat; as people know it from other chats. */
export function useShortcuts(): void {
  const router = useRouter();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey)) return;
      const key = event.key.toLowerCase();
      if (key === "k" && !event.shiftKey) {
        event.preventDefault();
        document.getElementById(searchFieldId)?.focus();
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
