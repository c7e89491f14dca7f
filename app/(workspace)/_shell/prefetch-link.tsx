"use client";

import Link, { useLinkStatus } from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A link that prefetches its page on hover or focus. Next.js prefetches on sight by default, which would
 * request dozens of pages for a long list.
 */
export function PrefetchLink({ children, ...props }: ComponentProps<typeof Link>) {
  const [isNear, setNear] = useState(false);
  const prefetch = () => setNear(true);
  return (
    <Link {...props} prefetch={isNear ? null : false} onPointerEnter={prefetch} onFocus={prefetch}>
      {children}
      <PendingMark kind={isChat(props.href) ? "chat" : "page"} />
    </Link>
  );
}

function isChat(href: ComponentProps<typeof Link>["href"]): boolean {
  return typeof href === "string" && href.startsWith("/chat");
}

/** Present while the link's page is being loaded; the shell shows a skeleton of its kind then. */
function PendingMark({ kind }: { kind: "chat" | "page" }) {
  const { pending } = useLinkStatus();
  return pending ? <span hidden data-navigating={kind} /> : null;
}
