import { BarChart } from "#app/_ui/charts/bar-chart.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { RevenueDay } from "#lib/billing/reports/revenue.ts";
import { fromCents } from "#lib/core/money.ts";

type Chart = { title: string; label: string; unit: "money" | "count"; value: (day: RevenueDay) => number };

const charts: Chart[] = [
  { title: "MRR", label: "MRR", unit: "money", value: ({ mrrCents }) => fromCents(mrrCents) },
  { title: "Failed payments", label: "Failed payments", unit: "count", value: (day) => day.failedPayments },
  { title: "Paying customers", label: "Paying", unit: "count", value: ({ paying }) => paying },
  { title: "Trials", label: "Trials", unit: "count", value: ({ trialing }) => trialing },
];

const countColumns = ["paying", "trialing", "pastDue", "started", "ended", "failedPayments"] as const;
const countHeadings = ["Paying", "Trials", "Past due", "Began", "Ended", "Failed payments"];

/** Revenue, payments, customers and trials by day, as charts and as a table. */
export function RevenueCharts({ days }: { days: RevenueDay[] }) {
  return (
    <section aria-labelledby="by-day" className="flex flex-col gap-6">
      <h2 id="by-day" className="font-semibold">
        By day
      </h2>
      <div className="grid gap-8 lg:grid-cols-2">
        {charts.map(({ title, label, unit, value }) => (
          <figure key={title} className="min-w-0">
            <figcaption className="mb-3 text-muted-foreground text-sm">{title}</figcaption>
            <BarChart
              bars={days.map((day) => ({ day: day.day, value: value(day) }))}
              unit={unit}
              label={label}
              className="h-44"
            />
          </figure>
        ))}
      </div>
      <details>
        <summary className="min-h-8 rounded-md text-muted-foreground text-sm hover:text-foreground">
          Show as a table
        </summary>
        <div className="mt-3 max-h-96 overflow-y-auto">
          <Table aria-label="The business by day">
            <TableHeader>
              <TableRow>
                <TableHead>Day</TableHead>
                <TableHead className="text-right">MRR</TableHead>
                {countHeadings.map((heading) => (
                  <TableHead key={heading} className="text-right">
                    {heading}
                  </TableHead>
                ))}
              </TableRow>
            </TableHeader>
            <TableBody>
              {days.toReversed().map((day) => (
                <TableRow key={day.day}>
                  <TableCell className="whitespace-nowrap">{day.day}</TableCell>
                  <TableCell className="text-right">
                    <Money micros={fromCents(day.mrrCents)} />
                  </TableCell>
                  {countColumns.map((column) => (
                    <TableCell key={column} className="text-right">
                      {day[column]}
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
