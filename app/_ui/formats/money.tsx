import { cn } from "#app/_ui/cn.ts";
import { formatMoney } from "#lib/core/money.ts";

/** A formatted amount of money with tabular digits. */
export function Money({ micros, className }: { micros: number; className?: string }) {
  return <span className={cn("tabular-nums", className)}>{formatMoney(micros)}</span>;
}
