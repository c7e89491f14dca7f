import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

/** 16 px text on phones, because iOS zooms into fields with smaller text. */
export const controlClasses =
  "w-full min-w-0 rounded-md border border-input bg-background px-3 text-base transition-colors placeholder:text-muted-foreground disabled:opacity-50 aria-invalid:border-danger sm:text-sm";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input className={cn(controlClasses, "h-10 pointer-coarse:h-11", className)} {...props} />;
}
