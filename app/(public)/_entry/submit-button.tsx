"use client";

import type { ReactNode } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";

/** The button that sends a form. Its width stays while it waits, and a second press does nothing. */
export function SubmitButton({ pending, children }: { pending: boolean; children: ReactNode }) {
  return (
    <Button type="submit" size="lg" className="w-full" aria-disabled={pending} disabled={pending}>
      {pending && <Spinner />}
      {children}
    </Button>
  );
}
