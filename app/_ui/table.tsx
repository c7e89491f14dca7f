import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { cn } from "#app/_ui/cn.ts";

type TableProps = ComponentProps<"table"> & {
  /** Whether rows become stacked blocks on phones; every cell then needs a `place`. */
  stacked?: boolean;
};

/**
 * A table. If it is too wide, it stacks its rows (`stacked`) or scrolls horizontally, also by keyboard, with
 * a shadow at the clipped edge.
 */
export function Table({ className, stacked = false, "aria-label": label, ...props }: TableProps) {
  const t = useTranslations("controls");
  return (
    // `relative`: absolutely positioned screen-reader text in the cells would otherwise widen the page.
    <section
      aria-label={label ?? t("table")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="scroll-hint relative w-full overflow-x-auto"
    >
      <table
        data-stacks={stacked || undefined}
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
  /**
   * Position in a stacked row: left (lead) or right (amount) of the first line, below it (detail), or on its
   * own line.
   */
  place?: keyof typeof places;
  /** The unit shown after the value in a stacked row, where the column heading is hidden. */
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
