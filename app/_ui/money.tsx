import { cn } from "#app/_ui/cn.ts";
import { formatMoney } from "#lib/core/money.ts";

/** Money as people read it, with figures that line up. */
export function Money({ micros, className }: { micros: number; className?: string }) {
  return <span className={cn("tabular-nums", className)}>{formatMoney(micros)}</span>;
}
