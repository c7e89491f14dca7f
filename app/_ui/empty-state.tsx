import type { ReactNode } from "react";

type Props = { icon?: ReactNode; title: string; description?: ReactNode; action?: ReactNode };

/** The placeholder of an empty list: what it is for, and the first step. */
export function EmptyState({ icon, title, description, action }: Props) {
  return (
    <div className="flex flex-col items-center gap-2 rounded-xl border border-dashed px-6 py-14 text-center">
      {icon !== undefined && <div className="mb-2 text-muted-foreground [&_svg]:size-6">{icon}</div>}
      <p className="font-medium">{title}</p>
      {description !== undefined && (
        <p className="max-w-md text-pretty text-muted-foreground text-sm">{description}</p>
      )}
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  );
}
