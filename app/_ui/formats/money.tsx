import { useLocale } from "next-intl";
import { cn } from "#app/_ui/cn.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  micros: number;
  /** The amounts of the column that the amount stands in; they all get the same number of decimals. */
  column?: readonly number[];
  /** ISO 4217, for an amount in millionths of another currency; by default USD. */
  currency?: string;
  className?: string;
};

/** An amount of money in the format of the reader's language, with tabular digits. */
export function Money({ micros, column, currency, className }: Props) {
  const formats = formatsFor(useLocale());
  const own = currency === undefined ? formats.money(micros) : formats.amount(micros, currency);
  const text = column === undefined ? own : formats.moneyIn(column)(micros);
  return <span className={cn("tabular-nums", className)}>{text}</span>;
}

/** A balance in cents, rounded down. */
export function BalanceAmount({ micros, className }: Omit<Props, "column" | "currency">) {
  return <span className={cn("tabular-nums", className)}>{formatsFor(useLocale()).balance(micros)}</span>;
}
