import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

/**
 * A table that scrolls sideways by itself where it is too wide, also by keyboard. It is positioned, because hidden words
 * in its cells are too, and would otherwise widen the page.
 */
export function Table({ className, "aria-label": label, ...props }: ComponentProps<"table">) {
  return (
    // Relative, so that what is hidden inside for screen readers does not widen the page.
    <section
      aria-label={label ?? "Table"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="relative w-full overflow-x-auto rounded-md"
    >
      <table className={cn("w-full text-sm", className)} {...props} />
    </section>
  );
}

export function TableHeader(props: ComponentProps<"thead">) {
  return <thead {...props} />;
}

export function TableBody(props: ComponentProps<"tbody">) {
  return <tbody {...props} />;
}

export function TableRow({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("border-b last:border-0", className)} {...props} />;
}

export function TableHead({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn(
        "h-10 whitespace-nowrap px-3 text-left font-medium text-muted-foreground text-xs first:pl-0 last:pr-0",
        className,
      )}
      {...props}
    />
  );
}

export function TableCell({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("px-3 py-3 align-middle first:pl-0 last:pr-0", className)} {...props} />;
}
