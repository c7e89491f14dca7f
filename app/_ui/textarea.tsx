import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";
import { controlClasses } from "#app/_ui/input.tsx";

export function Textarea({ className, ...props }: ComponentProps<"textarea">) {
  return <textarea className={cn(controlClasses, "min-h-20 py-2", className)} {...props} />;
}
