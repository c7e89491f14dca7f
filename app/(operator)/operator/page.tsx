import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { requireOperator } from "#app/_http/operator.ts";
import { cn } from "#app/_ui/cn.ts";
import { Money } from "#app/_ui/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { sayCount } from "#app/_ui/say-count.ts";
import { RevenueCurves } from "#app/(operator)/_console/revenue-curves.tsx";
import { Stat, StatList } from "#app/(operator)/_console/stat.tsx";
import { SystemState } from "#app/(operator)/_console/system-state.tsx";
import { db } from "#db/client.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { now } from "#lib/core/clock.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";
import { readQueueDepth } from "#lib/jobs/queue-depth.ts";

export const metadata: Metadata = { title: "Overview · Operator" };

const choices = [30, 90, 365] as const;
const daysSchema = z.coerce.number().pipe(z.literal([...choices]));

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
        actions={<DaysChoice days={days} />}
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
            note={`${sayCount(today.failedPayments, "payment")} failed today`}
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
        <RevenueCurves days={overview.days} />
        <SystemState overview={overview} queues={queues} />
      </div>
    </>
  );
}

function DaysChoice({ days }: { days: (typeof choices)[number] }) {
  return (
    <nav aria-label="Period" className="flex rounded-lg bg-muted p-1 text-sm">
      {choices.map((choice) => (
        <Link
          key={choice}
          href={`/operator?days=${choice}`}
          aria-current={choice === days ? "page" : undefined}
          className={cn(
            "flex min-h-8 items-center rounded-md px-3 text-muted-foreground hover:text-foreground pointer-coarse:min-h-11",
            choice === days && "bg-background text-foreground shadow-xs",
          )}
        >
          {choice} days
        </Link>
      ))}
    </nav>
  );
}
