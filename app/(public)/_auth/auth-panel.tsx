import type { ReactNode } from "react";
import { ClientMessages } from "#app/_i18n/client-messages.tsx";

type Props = { title: string; lead?: ReactNode; children: ReactNode; footer?: ReactNode };

/** The layout of the sign-in pages: title, lead, form, links to the other methods. */
export function AuthPanel({ title, lead, children, footer }: Props) {
  return (
    <div className="mx-auto flex w-full max-w-sm flex-col px-4 py-12 sm:py-20">
      <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
      {lead !== undefined && <p className="mt-2 text-muted-foreground text-pretty">{lead}</p>}
      <div className="mt-8">
        <ClientMessages of={["auth"]}>{children}</ClientMessages>
      </div>
      {footer !== undefined && <div className="mt-8 text-muted-foreground text-sm">{footer}</div>}
    </div>
  );
}
