import Link from "next/link";
import { cn } from "#app/_ui/cn.ts";
import { toHref } from "#app/(operator)/_console/read-query.ts";

type Props<S extends string> = {
  path: string;
  /** What the states are of, for screen readers. */
  label: string;
  states: { state: S; label: string }[];
  current: S;
  /** The other filters, which stay. */
  query: Record<string, string | undefined>;
};

/** Links to the states of a list, of which one is shown. */
export function StateTabs<S extends string>({ path, label, states, current, query }: Props<S>) {
  return (
    <nav aria-label={label} className="mb-6 flex w-fit rounded-lg bg-muted p-1 text-sm">
      {states.map(({ state, label: text }) => (
        <Link
          key={state}
          href={toHref(path, { state, ...query })}
          aria-current={state === current ? "page" : undefined}
          className={cn(
            "flex min-h-8 items-center rounded-md px-3 text-muted-foreground hover:text-foreground pointer-coarse:min-h-11",
            state === current && "bg-background text-foreground shadow-xs",
          )}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}
