"use client";

import type { ReactNode } from "react";
import { Button } from "#app/_ui/button.tsx";
import { Spinner } from "#app/_ui/spinner.tsx";

/** Submits a form. While pending it shows a spinner, keeps its width and is disabled. */
export function SubmitButton({ pending, children }: { pending: boolean; children: ReactNode }) {
  return (
    <Button type="submit" size="lg" className="w-full" aria-disabled={pending} disabled={pending}>
      {pending && <Spinner />}
      {children}
    </Button>
  );
}
