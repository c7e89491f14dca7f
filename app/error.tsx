"use client";

import type { ComponentProps } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** A page that could not be made, nor the frame around it. */
export default function ErrorPage(props: ComponentProps<typeof ErrorNotice>) {
  return (
    <main className="flex min-h-dvh flex-col">
      <ErrorNotice {...props} />
    </main>
  );
}
