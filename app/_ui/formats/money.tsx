import { useLocale } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** An amount of money in the format of the reader's language, with tabular digits. */
export function Money({ micros, className }: { micros: number; className?: string }) {
  return <span className={cn("tabular-nums", className)}>{formatsFor(useLocale()).money(micros)}</span>;
}
