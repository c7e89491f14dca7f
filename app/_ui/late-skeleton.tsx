"use client";

import { type ReactNode, use } from "react";

type Props = { children: ReactNode };

/** How long a document waits for its content before it shows a skeleton. */
const waitMs = 1_000;

/**
 * The skeleton of a page, for loading.tsx. The server's HTML contains it only if the content takes longer than
 * a second: otherwise the first paint is the content, and not a skeleton that React replaces 300 ms later.
 * A page that is opened by a link in the app shows it at once.
 */
export const LateSkeleton = typeof window === "undefined" ? DelayedSkeleton : ImmediateSkeleton;

/** React waits for a fallback that suspends, and discards it when the content is there first. */
function DelayedSkeleton({ children }: Props) {
  use(new Promise((resolve) => setTimeout(resolve, waitMs).unref()));
  return children;
}

function ImmediateSkeleton({ children }: Props) {
  return children;
}
