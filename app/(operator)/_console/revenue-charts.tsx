import { useLocale, useTranslations } from "next-intl";
import type { Messages } from "#app/_messages/catalogs.ts";
import { BarChart } from "#app/_ui/charts/bar-chart.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { RevenueDay } from "#lib/billing/reports/revenue.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

type Label = keyof Messages["operator"]["charts"];
type Chart = { title: Label; label: Label; unit: "money" | "count"; value: (day: RevenueDay) => number };

const charts: Chart[] = [
  { title: "mrr", label: "mrr", unit: "money", value: ({ mrrCents }) => fromCents(mrrCents) },
  { title: "failedPayments", label: "failedPayments", unit: "count", value: (day) => day.failedPayments },
  { title: "payingCustomers", label: "paying", unit: "count", value: ({ paying }) => paying },
  { title: "trialing", label: "trialing", unit: "count", value: ({ trialing }) => trialing },
];

const countColumns = ["paying", "trialing", "pastDue", "started", "ended", "failedPayments"] as const;

/** Revenue, payments, customers and trials by day, as charts and as a table. */
export function RevenueCharts({ days }: { days: RevenueDay[] }) {
  const t = useTranslations("operator.charts");
  const formats = formatsFor(useLocale());
  const mrr = days.map((day) => fromCents(day.mrrCents));
  return (
    <section aria-labelledby="by-day" className="flex flex-col gap-6">
      <h2 id="by-day" className="font-semibold">
        {t("title")}
      </h2>
      <div className="grid gap-8 lg:grid-cols-2">
        {charts.map(({ title, label, unit, value }) => (
          <figure key={title} className="min-w-0">
            <figcaption className="mb-3 text-muted-foreground text-sm">{t(title)}</figcaption>
            <BarChart
              bars={days.map((day) => ({ day: day.day, value: value(day) }))}
              unit={unit}
              label={t(label)}
              className="h-44"
            />
          </figure>
        ))}
      </div>
      <details>
        <summary className="min-h-8 rounded-md text-muted-foreground text-sm hover:text-foreground">
          {useTranslations("operator.console")("showTable")}
        </summary>
        <div className="mt-3 max-h-96 overflow-y-auto">
          <Table aria-label={t("table")}>
            <TableHeader>
              <TableRow>
                <TableHead>{t("day")}</TableHead>
                <TableHead className="text-right">{t("mrr")}</TableHead>
                {countColumns.map((column) => (
                  <TableHead key={column} className="text-right">
                    {t(column)}
                  </TableHead>
                ))}
              </TableRow>
            </TableHeader>
            <TableBody>
              {days.toReversed().map((day) => (
                <TableRow key={day.day}>
                  <TableCell className="whitespace-nowrap">{formats.date(day.day)}</TableCell>
                  <TableCell className="text-right">
                    <Money micros={fromCents(day.mrrCents)} column={mrr} />
                  </TableCell>
                  {countColumns.map((column) => (
                    <TableCell key={column} className="text-right">
                      {formats.count(day[column])}
                    </TableCell>
                  ))}
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </div>
      </details>
    </section>
  );
}
