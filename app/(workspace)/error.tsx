"use client";

import type { ComponentProps } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** The error page inside the shell; the sidebar stays usable. */
export default function WorkspaceError(props: ComponentProps<typeof ErrorNotice>) {
  return <ErrorNotice {...props} />;
}
