import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

export function Card({ className, ...props }: ComponentProps<"div">) {
  return <div className={cn("rounded-xl border bg-card p-6", className)} {...props} />;
}
