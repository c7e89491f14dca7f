import Link from "next/link";
import type { ReactNode } from "react";

/** A link to another sign-in page that keeps the `next` parameter. */
export function AuthLink({
  to,
  next,
  children,
}: {
  to: string;
  next?: string | undefined;
  children: ReactNode;
}) {
  const href = next === undefined ? to : `${to}?next=${encodeURIComponent(next)}`;
  return (
    <Link
      href={href}
      className="touch-target rounded-sm text-foreground underline decoration-border underline-offset-4 hover:decoration-foreground"
    >
      {children}
    </Link>
  );
}
