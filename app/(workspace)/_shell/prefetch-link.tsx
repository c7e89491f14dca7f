"use client";

import Link from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link that is prepared when somebody comes near it. Prepared on sight, as links are by themselves, a long list asks the
 * server for dozens of pages that nobody opens, with every page that is opened.
 */
export function NearLink(props: ComponentProps<typeof Link>) {
  const [near, setNear] = useState(false);
  const approach = () => setNear(true);
  return <Link {...props} prefetch={near ? null : false} onPointerEnter={approach} onFocus={approach} />;
}
