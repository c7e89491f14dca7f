"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/**
 * Reads the page anew when somebody comes back to it: by "back" from a payment page, which the browser may answer with the
 * page as it was left, or from another tab, in which something may have been bought or canceled.
 */
export function RefreshOnReturn() {
  const router = useRouter();
  useEffect(() => {
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) router.refresh();
    };
    const onVisible = () => {
      if (document.visibilityState === "visible") router.refresh();
    };
    window.addEventListener("pageshow", onShow);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      window.removeEventListener("pageshow", onShow);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [router]);
  return null;
}
