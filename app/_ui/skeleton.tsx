import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

/** The shape of what is coming. */
export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return <div aria-hidden className={cn("animate-pulse rounded-md bg-muted", className)} {...props} />;
}
