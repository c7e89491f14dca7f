import { type ReactNode, useId } from "react";

type Props = { title: string; lead?: string; children: ReactNode };

/** A settings section: title on the left, controls on the right; stacked on small screens. */
export function SettingsSection({ title, lead, children }: Props) {
  const titleId = useId();
  return (
    <section
      aria-labelledby={titleId}
      className="grid gap-x-12 gap-y-5 border-border border-t py-8 md:grid-cols-[15rem_1fr]"
    >
      <div>
        <h2 id={titleId} className="font-medium">
          {title}
        </h2>
        {lead !== undefined && <p className="mt-1 text-muted-foreground text-sm text-pretty">{lead}</p>}
      </div>
      <div className="min-w-0 max-w-lg">{children}</div>
    </section>
  );
}
