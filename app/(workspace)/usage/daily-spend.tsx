import { BarChart } from "#app/_ui/charts/bar-chart.tsx";
import { formatCount } from "#app/_ui/formats/format-count.ts";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { CsvLink } from "#app/(workspace)/usage/csv-link.tsx";
import { UsageCells } from "#app/(workspace)/usage/usage-cells.tsx";
import { formatMoney } from "#lib/core/money.ts";
import type { Period, UsageRow } from "#lib/usage/reports.ts";

/** Spending by day as a chart, with the same numbers as a table. */
export function DailySpend({ days, label, period }: { days: UsageRow[]; label: string; period: Period }) {
  const total = days.reduce((sum, day) => sum + day.chargedMicros, 0);
  const requests = days.reduce((sum, day) => sum + day.requests, 0);
  return (
    <section aria-labelledby="by-day">
      <div className="mb-4 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h2 id="by-day" className="font-semibold">
            Spent by day
          </h2>
          <p className="text-muted-foreground text-sm">
            {requests === 0
              ? `Nothing was used in ${label}.`
              : `${formatMoney(total)} for ${formatCount(requests, "answer")} in ${label}. Days are UTC.`}
          </p>
        </div>
        {requests > 0 && <CsvLink period={period} />}
      </div>
      {total > 0 && (
        <BarChart
          bars={days.map((day) => ({ day: day.group, value: day.chargedMicros }))}
          unit="money"
          label="Spent"
          className="h-56"
        />
      )}
      {requests > 0 && (
        <details className="mt-3">
          <summary className="min-h-8 rounded-md text-muted-foreground text-sm hover:text-foreground">
            Show as a table
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
  return (
    <Table aria-label="Spent by day" stacked>
      <TableHeader>
        <TableRow>
          <TableHead>Day</TableHead>
          <TableHead className="text-right">Answers</TableHead>
          <TableHead className="text-right">Tokens in</TableHead>
          <TableHead className="text-right">Tokens out</TableHead>
          <TableHead className="text-right">Spent</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {days.toReversed().map((day) => (
          <TableRow key={day.group}>
            <TableCell place="lead">{day.group}</TableCell>
            <UsageCells row={day} />
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
