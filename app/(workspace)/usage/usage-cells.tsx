import { useLocale, useTranslations } from "next-intl";
import { Money } from "#app/_ui/formats/money.tsx";
import { TableCell, TableHead } from "#app/_ui/table.tsx";
import { formatsFor } from "#lib/core/formats.ts";
import type { UsageRow } from "#lib/usage/reports.ts";

/** The headers of the columns for answers, tokens and cost. */
export function UsageHeads() {
  const t = useTranslations("usage.columns");
  return (
    <>
      <TableHead className="text-right">{t("answers")}</TableHead>
      <TableHead className="text-right">{t("tokensIn")}</TableHead>
      <TableHead className="text-right">{t("tokensOut")}</TableHead>
      <TableHead className="text-right">{t("spent")}</TableHead>
    </>
  );
}

/**
 * The cells for answers, tokens and cost in the tables by day and by model.
 * @param column the costs of all rows, in micro-USD
 */
export function UsageCells({ row, column }: { row: UsageRow; column: readonly number[] }) {
  const t = useTranslations("usage.columns");
  const formats = formatsFor(useLocale());
  return (
    <>
      <TableCell place="detail" unit={t("answersUnit", { count: row.requests })} className="text-right">
        {formats.count(row.requests)}
      </TableCell>
      <TableCell place="detail" unit={t("tokensInUnit")} className="text-right">
        {formats.count(row.promptTokens)}
      </TableCell>
      <TableCell place="detail" unit={t("tokensOutUnit")} className="text-right">
        {formats.count(row.completionTokens)}
      </TableCell>
      <TableCell place="amount" className="text-right">
        <Money micros={row.chargedMicros} column={column} />
      </TableCell>
    </>
  );
}
