import Link from "next/link";
import { useTranslations } from "next-intl";
import { cn } from "#app/_ui/cn.ts";

/** The periods of the usage page, in days. */
export const periods = [7, 30, 90] as const;

export function PeriodChoice({ days }: { days: (typeof periods)[number] }) {
  const t = useTranslations("usage.period");
  return (
    <nav aria-label={t("label")} className="flex rounded-lg bg-muted p-1 text-sm">
      {periods.map((choice) => (
        <Link
          key={choice}
          href={`/usage?days=${choice}`}
          aria-current={choice === days ? "page" : undefined}
          className={cn(
            "flex min-h-8 items-center rounded-md px-3 text-muted-foreground hover:text-foreground pointer-coarse:min-h-11",
            choice === days && "bg-background text-foreground shadow-xs",
          )}
        >
          {t("days", { days: choice })}
        </Link>
      ))}
    </nav>
  );
}
