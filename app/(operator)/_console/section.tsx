import { type ReactNode, useId } from "react";

type Props = { title: string; empty: string; isEmpty: boolean; children: ReactNode };

/** A section with a heading, and a sentence if it is empty. */
export function Section({ title, empty, isEmpty, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id} className="mb-2 font-semibold">
        {title}
      </h2>
      {isEmpty ? <p className="text-muted-foreground text-sm">{empty}</p> : children}
    </section>
  );
}
