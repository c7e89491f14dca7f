"use client";

import { Printer } from "lucide-react";
import { useEffect } from "react";
import { Button } from "#app/_ui/button.tsx";

/** Opens the browser's print dialog, by itself once and by a click. */
export function PrintButton({ label }: { label: string }) {
  useEffect(() => {
    // Fonts first, or the first page would be printed in a fallback.
    let isMounted = true;
    document.fonts.ready.then(() => isMounted && window.print());
    return () => {
      isMounted = false;
    };
  }, []);
  return (
    <Button variant="outline" className="self-start print:hidden" onClick={() => window.print()}>
      <Printer aria-hidden />
      {label}
    </Button>
  );
}
