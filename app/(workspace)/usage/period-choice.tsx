import Link from "next/link";
import { cn } from "#app/_ui/cn.ts";

export const periods = { 7: "the last 7 days", 30: "the last 30 days", 90: "the last 90 days" } as const;

export function PeriodChoice({ days }: { days: keyof typeof periods }) {
  return (
    <nav aria-label="Period" className="flex rounded-lg bg-muted p-1 text-sm">
      {([7, 30, 90] as const).map((choice) => (
        <Link
          key={choice}
          href={`/usage?days=${choice}`}
          aria-current={choice === days ? "page" : undefined}
          className={cn(
            "flex min-h-8 items-center rounded-md px-3 text-muted-foreground hover:text-foreground pointer-coarse:min-h-11",
            choice === days && "bg-background text-foreground shadow-xs",
          )}
        >
          {choice} days
        </Link>
      ))}
    </nav>
  );
}
