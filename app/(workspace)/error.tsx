"use client";

import type { ComponentProps } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** A page that could not be made; the list beside it stays, so that one can go elsewhere. */
export default function WorkspaceError(props: ComponentProps<typeof ErrorNotice>) {
  return <ErrorNotice {...props} />;
}
