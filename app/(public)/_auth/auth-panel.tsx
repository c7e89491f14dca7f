import type { ReactNode } from "react";

type Props = { title: string; lead?: ReactNode; children: ReactNode; footer?: ReactNode };

/** The layout of the sign-in pages: title, lead, form, links to the other methods. */
export function AuthPanel({ title, lead, children, footer }: Props) {
  return (
    <div className="mx-auto flex w-full max-w-sm flex-col px-4 py-12 sm:py-20">
      <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
      {lead !== undefined && <p className="mt-2 text-muted-foreground text-pretty">{lead}</p>}
      <div className="mt-8">{children}</div>
      {footer !== undefined && <div className="mt-8 text-muted-foreground text-sm">{footer}</div>}
    </div>
  );
}
