"use client";

import type { ComponentProps } from "react";
import { ErrorNotice } from "#app/_ui/error-notice.tsx";

/** A page of the console that could not be made; the way to the others stays. */
export default function OperatorError(props: ComponentProps<typeof ErrorNotice>) {
  return <ErrorNotice {...props} />;
}
