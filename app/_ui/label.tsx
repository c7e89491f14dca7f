import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

export function Label({
  className,
  children,
  htmlFor,
  ...props
}: ComponentProps<"label"> & { htmlFor: string }) {
  return (
    <label htmlFor={htmlFor} className={cn("font-medium text-sm", className)} {...props}>
      {children}
    </label>
  );
}
