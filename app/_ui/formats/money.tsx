import { useLocale } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  micros: number;
  /** The amounts of the column that the amount stands in; they all get the same number of decimals. */
  column?: readonly number[];
  className?: string;
};

/** An amount of money in the format of the reader's language, with tabular digits. */
export function Money({ micros, column, className }: Props) {
  const formats = formatsFor(useLocale());
  const text = column === undefined ? formats.money(micros) : formats.moneyIn(column)(micros);
  return <span className={cn("tabular-nums", className)}>{text}</span>;
}

/** A balance in cents, rounded down. */
export function BalanceAmount({ micros, className }: Omit<Props, "column">) {
  return <span className={cn("tabular-nums", className)}>{formatsFor(useLocale()).balance(micros)}</span>;
}
