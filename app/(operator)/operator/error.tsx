"use client";

import type { ComponentProps } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** The error boundary of the console's pages; the layout with the navigation stays visible. */
export default function OperatorError(props: ComponentProps<typeof ErrorNotice>) {
  return <ErrorNotice {...props} />;
}
