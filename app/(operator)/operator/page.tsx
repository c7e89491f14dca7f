import Link from "next/link";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { cn } from "#app/_ui/cn.ts";
import { formatCount } from "#app/_ui/formats/format-count.ts";
import { Money } from "#app/_ui/formats/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { RevenueCharts } from "#app/(operator)/_console/revenue-charts.tsx";
import { Stat, StatList } from "#app/(operator)/_console/stat.tsx";
import { SystemStatus } from "#app/(operator)/_console/system-status.tsx";
import { db } from "#db/client.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { now } from "#lib/core/clock.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import { readQueueDepth } from "#lib/jobs/queue-depth.ts";

export const generateMetadata = pageMetadata("/operator");

const dayOptions = [30, 90, 365] as const;
const daysSchema = z.coerce.number().pipe(z.literal([...dayOptions]));

type Props = { searchParams: Promise<{ days?: string | string[] }> };

export default async function OperatorOverviewPage({ searchParams }: Props) {
  await requireOperator();
  const days = daysSchema.safeParse((await searchParams).days).data ?? 30;
  const [overview, queues] = await Promise.all([readOperatorOverview(db(), days, now()), readQueueDepth()]);
  const { today, churn, month } = overview;
  const { of, ended } = churn;
  return (
    <>
      <PageHeader
        title="Overview"
        description="The whole business. Days and months are UTC."
        actions={<DaysSelector days={days} />}
      />
      <div className="flex flex-col gap-10">
        <StatList label="Now">
          <Stat
            label="MRR"
            value={<Money micros={fromCents(today.mrrCents)} />}
            note="List prices, before discounts and tax; a year counts a twelfth a month."
          />
          <Stat label="Paying" value={today.paying} note={`${today.started} began today`} />
          <Stat label="On trial" value={today.trialing} />
          <Stat
            label="Past due"
            value={today.pastDue}
            note={`${formatCount(today.failedPayments, "payment")} failed today`}
          />
          <Stat
            label="Churn, 30 days"
            value={of === null ? "-" : `${((ended / of) * 100).toFixed(1)} %`}
            note={of === null ? `${ended} ended; nobody paid 30 days ago.` : `${ended} of ${of} ended`}
          />
          <Stat
            label="Margin this month"
            value={<Money micros={month.marginMicros} />}
            note={`${formatMoney(month.paidMicros)} paid, less ${formatMoney(month.costMicros)} for models. Titles, which are ours to pay, are not counted.`}
          />
        </StatList>
        <RevenueCharts days={overview.days} />
        <SystemStatus overview={overview} queues={queues} />
      </div>
    </>
  );
}

function DaysSelector({ days }: { days: (typeof dayOptions)[number] }) {
  return (
    <nav aria-label="Period" className="flex rounded-lg bg-muted p-1 text-sm">
      {dayOptions.map((option) => (
        <Link
          key={option}
          href={`/operator?days=${option}`}
          aria-current={option === days ? "page" : undefined}
          className={cn(
            "flex min-h-8 items-center rounded-md px-3 text-muted-foreground hover:text-foreground pointer-coarse:min-h-11",
            option === days && "bg-background text-foreground shadow-xs",
          )}
        >
          {option} days
        </Link>
      ))}
    </nav>
  );
}
