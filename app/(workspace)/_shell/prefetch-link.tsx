"use client";

import Link from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link that prefetches its page on hover or focus. Next.js prefetches on sight by default, which would
 * request dozens of pages for a long list.
 */
export function PrefetchLink(props: ComponentProps<typeof Link>) {
  const [isNear, setNear] = useState(false);
  const prefetch = () => setNear(true);
  return <Link {...props} prefetch={isNear ? null : false} onPointerEnter={prefetch} onFocus={prefetch} />;
}
