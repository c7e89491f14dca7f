import type { ReactNode } from "react";

/** A number with its label and an optional note. */
export function Stat({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }) {
  return (
    <div className="flex flex-col gap-1 border-t py-3">
      <dt className="text-muted-foreground text-sm">{label}</dt>
      <dd className="font-semibold text-2xl tabular-nums tracking-tight">{value}</dd>
      {note !== undefined && <dd className="text-pretty text-muted-foreground text-xs">{note}</dd>}
    </div>
  );
}

export function StatList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <section aria-label={label}>
      <dl className="grid grid-cols-2 gap-x-6 sm:grid-cols-3 lg:grid-cols-6">{children}</dl>
    </section>
  );
}
