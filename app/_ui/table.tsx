import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

type TableProps = ComponentProps<"table"> & {
  /** Whether its rows stack on a phone, where every cell says its `place`. */
  stacks?: boolean;
};

/**
 * A table. Where it is too wide it stacks its rows, or scrolls sideways by itself, also by keyboard, with a shadow at the edge
 * that hides something. It is positioned, because hidden words in its cells are too, and would otherwise widen the page.
 */
export function Table({ className, stacks = false, "aria-label": label, ...props }: TableProps) {
  return (
    // Relative, so that what is hidden inside for screen readers does not widen the page.
    <section
      aria-label={label ?? "Table"}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="scroll-hint relative w-full overflow-x-auto rounded-md"
    >
      <table
        data-stacks={stacks || undefined}
        className={cn("group/table w-full text-sm max-sm:data-stacks:block", className)}
        {...props}
      />
    </section>
  );
}

export function TableHeader(props: ComponentProps<"thead">) {
  return <thead className="max-sm:group-data-stacks/table:sr-only" {...props} />;
}

export function TableBody(props: ComponentProps<"tbody">) {
  return <tbody className="max-sm:group-data-stacks/table:block" {...props} />;
}

export function TableRow({ className, ...props }: ComponentProps<"tr">) {
  return (
    <tr
      className={cn(
        "border-b last:border-0 max-sm:group-data-stacks/table:flex max-sm:group-data-stacks/table:flex-wrap max-sm:group-data-stacks/table:gap-x-3 max-sm:group-data-stacks/table:gap-y-1 max-sm:group-data-stacks/table:py-3",
        className,
      )}
      {...props}
    />
  );
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

const places = {
  lead: "max-sm:order-1 max-sm:flex-[1_1_calc(100%-8.75rem)] max-sm:min-w-0 max-sm:whitespace-normal",
  amount: "max-sm:order-2 max-sm:w-32 max-sm:text-right",
  detail: "max-sm:order-3 max-sm:text-left max-sm:text-muted-foreground",
  line: "max-sm:order-4 max-sm:w-full max-sm:text-left",
};

type CellProps = ComponentProps<"td"> & {
  /** Where it stands in a stacked row: at the left or right of the first line, among what follows, or on a line of its own. */
  place?: keyof typeof places;
  /** What a figure is called where no head stands above it. */
  unit?: string;
};

export function TableCell({ className, place, unit, children, ...props }: CellProps) {
  return (
    <td
      className={cn(
        "px-3 py-3 align-middle first:pl-0 last:pr-0",
        place !== undefined && "max-sm:p-0",
        className,
        place !== undefined && places[place],
      )}
      {...props}
    >
      {children}
      {unit !== undefined && (
        <span aria-hidden className="sm:hidden">
          {" "}
          {unit}
        </span>
      )}
    </td>
  );
}
