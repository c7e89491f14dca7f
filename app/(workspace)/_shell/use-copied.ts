import { useEffect, useState } from "react";

/** How long a copied text is confirmed. */
const confirmationMs = 2_000;

/**
 * Copies texts to the clipboard.
 * @returns `copied`: true for two seconds after a text was copied; `copy`: resolves to whether the browser
 *   allowed it
 */
export function useCopied(): { copied: boolean; copy: (text: string) => Promise<boolean> } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), confirmationMs);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      return true;
    } catch {
      return false;
    }
  };
  return { copied, copy };
}
