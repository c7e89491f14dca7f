"use client";

import { useLocale } from "next-intl";
import { useEffect } from "react";
import { lastLanguageKey } from "#app/_offline/offline-script.ts";

/**
 * Registers the service worker, which shows the offline page.
 * @param version the version of the offline page
 */
export function ServiceWorker({ version }: { version: string }) {
  const locale = useLocale();
  useEffect(() => {
    // Storage may be blocked; then the offline page has the browser's language.
    try {
      localStorage.setItem(lastLanguageKey, locale);
    } catch {}
  }, [locale]);
  useEffect(() => {
    if (!("serviceWorker" in navigator)) return;
    const register = () =>
      navigator.serviceWorker
        .register(`/sw.js?version=${version}`, { updateViaCache: "none" })
        // Private windows refuse; the next page tries again.
        .catch(() => {});
    if (document.readyState === "complete") void register();
    else window.addEventListener("load", register, { once: true });
    return () => window.removeEventListener("load", register);
  }, [version]);
  return null;
}
