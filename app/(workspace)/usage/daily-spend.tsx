import { useLocale, useTranslations } from "next-intl";
import { BarChart } from "#app/_ui/charts/bar-chart.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { CsvLink } from "#app/(workspace)/usage/csv-link.tsx";
import { UsageCells, UsageHeads } from "#app/(workspace)/usage/usage-cells.tsx";
import { formatsFor } from "#lib/core/formats.ts";
import type { Period, UsageRow } from "#lib/usage/reports.ts";

type Props = {
  days: UsageRow[];
  /** The length of the period in days. */
  length: number;
  period: Period;
};

/** Spending by day as a chart, with the same numbers as a table. */
export function DailySpend({ days, length, period }: Props) {
  const t = useTranslations("usage.byDay");
  const columns = useTranslations("usage.columns");
  const formats = formatsFor(useLocale());
  const total = days.reduce((sum, day) => sum + day.chargedMicros, 0);
  const requests = days.reduce((sum, day) => sum + day.requests, 0);
  return (
    <section aria-labelledby="by-day">
      <div className="mb-4 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h2 id="by-day" className="font-semibold">
            {t("title")}
          </h2>
          <p className="text-muted-foreground text-sm">
            {requests === 0
              ? t("none", { days: length })
              : t("summary", { amount: formats.money(total), count: requests, days: length })}
          </p>
        </div>
        {requests > 0 && <CsvLink period={period} />}
      </div>
      {total > 0 && (
        <BarChart
          bars={days.map((day) => ({ day: day.group, value: day.chargedMicros }))}
          unit="money"
          label={columns("spent")}
          className="h-56"
        />
      )}
      {requests > 0 && (
        <details className="mt-3">
          <summary className="min-h-8 rounded-md text-muted-foreground text-sm hover:text-foreground">
            {t("showTable")}
          </summary>
          <div className="mt-3 max-h-96 overflow-y-auto">
            <DayTable days={days} />
          </div>
        </details>
      )}
    </section>
  );
}

function DayTable({ days }: { days: UsageRow[] }) {
  const t = useTranslations("usage.byDay");
  const formats = formatsFor(useLocale());
  const column = days.map((day) => day.chargedMicros);
  return (
    <Table aria-label={t("title")} stacked>
      <TableHeader>
        <TableRow>
          <TableHead>{t("day")}</TableHead>
          <UsageHeads />
        </TableRow>
      </TableHeader>
      <TableBody>
        {days.toReversed().map((day) => (
          <TableRow key={day.group}>
            <TableCell place="lead">{formats.date(day.group)}</TableCell>
            <UsageCells row={day} column={column} />
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
