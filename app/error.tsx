"use client";

import type { ComponentProps } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** The error boundary of the app, for errors in a page or its layout. */
export default function ErrorPage(props: ComponentProps<typeof ErrorNotice>) {
  return (
    <main className="flex min-h-dvh flex-col">
      <ErrorNotice {...props} />
    </main>
  );
}
