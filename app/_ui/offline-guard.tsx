"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useEffect } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";

/**
 * Keeps the page while the browser is offline: following a link would replace it by the browser's error page.
 */
export function OfflineGuard() {
  const t = useTranslations("controls");
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      if (navigator.onLine || !leavesPage(event)) return;
      event.preventDefault();
      event.stopPropagation();
      toast(t("offline"));
    };
    document.addEventListener("click", onClick, { capture: true });
    return () => document.removeEventListener("click", onClick, { capture: true });
  }, [t]);
  return null;
}

/** Whether a click follows a link in this tab. */
function leavesPage(event: MouseEvent): boolean {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.hasAttribute("download")) return false;
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  const isOtherTab = link.target !== "" && link.target !== "_self";
  const isAnchor = link.hash !== "" && link.pathname === location.pathname && link.search === location.search;
  return !isOtherTab && !isAnchor;
}

/** Returns a function that opens a page of the app, unless the browser is offline. */
export function usePush(): (href: string) => void {
  const router = useRouter();
  const t = useTranslations("controls");
  return useCallback(
    (href) => {
      if (navigator.onLine) router.push(href);
      else toast(t("offline"));
    },
    [router, t],
  );
}
