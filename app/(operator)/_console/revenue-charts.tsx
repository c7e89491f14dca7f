import { Money } from "#app/_ui/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { DayChart } from "#app/(operator)/_console/day-chart.tsx";
import type { RevenueDay } from "#lib/billing/reports/revenue.ts";
import { fromCents } from "#lib/core/money.ts";

const numbers = ["paying", "trialing", "pastDue", "started", "ended", "failedPayments"] as const;
const heads = ["Paying", "Trials", "Past due", "Began", "Ended", "Failed payments"];

/** The business by day as curves, with the same numbers as a table behind them. */
export function RevenueCharts({ days }: { days: RevenueDay[] }) {
  const curve = (value: (day: RevenueDay) => number) =>
    days.map((day) => ({ day: day.day, value: value(day) }));
  return (
    <section aria-labelledby="by-day" className="flex flex-col gap-6">
      <h2 id="by-day" className="font-semibold">
        By day
      </h2>
      <div className="grid gap-8 lg:grid-cols-2">
        <figure className="min-w-0">
          <figcaption className="mb-3 text-muted-foreground text-sm">MRR</figcaption>
          <DayChart days={curve(({ mrrCents }) => fromCents(mrrCents))} unit="money" label="MRR" />
        </figure>
        <figure className="min-w-0">
          <figcaption className="mb-3 text-muted-foreground text-sm">Failed payments</figcaption>
          <DayChart
            days={curve(({ failedPayments }) => failedPayments)}
            unit="count"
            label="Failed payments"
          />
        </figure>
        <figure className="min-w-0">
          <figcaption className="mb-3 text-muted-foreground text-sm">Paying customers</figcaption>
          <DayChart days={curve(({ paying }) => paying)} unit="count" label="Paying" />
        </figure>
        <figure className="min-w-0">
          <figcaption className="mb-3 text-muted-foreground text-sm">Trials</figcaption>
          <DayChart days={curve(({ trialing }) => trialing)} unit="count" label="Trials" />
        </figure>
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
                {heads.map((head) => (
                  <TableHead key={head} className="text-right">
                    {head}
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
                  {numbers.map((number) => (
                    <TableCell key={number} className="text-right">
                      {day[number]}
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
