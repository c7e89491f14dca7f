import type { ReactNode } from "react";
import { cn } from "#app/_ui/cn.ts";

type Tone = "success" | "warning" | "danger" | "plain";

const tones: Record<Tone, string> = {
  success: "border-success/40 bg-success/8",
  warning: "border-warning/40 bg-warning/8",
  danger: "border-danger/40 bg-danger/8",
  plain: "bg-muted",
};

type Props = { tone: Tone; title: string; children?: ReactNode; action?: ReactNode };

/** A notice at the top of the page. */
export function BillingNotice({ tone, title, children, action }: Props) {
  return (
    <section
      role={tone === "danger" ? "alert" : "status"}
      className={cn(
        "flex flex-wrap items-center justify-between gap-4 rounded-xl border px-5 py-4",
        tones[tone],
      )}
    >
      <div className="flex max-w-prose flex-col gap-0.5">
        <p className="font-medium">{title}</p>
        {children !== undefined && (
          <div className="text-pretty text-muted-foreground text-sm">{children}</div>
        )}
      </div>
      {action}
    </section>
  );
}
