import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

/** A placeholder for content that is loading. */
export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return <div aria-hidden className={cn("animate-pulse rounded-md bg-muted", className)} {...props} />;
}
