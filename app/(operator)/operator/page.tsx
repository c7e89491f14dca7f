import Link from "next/link";
import { getLocale, getTranslations } from "next-intl/server";
import { z } from "zod";
import { pageMetadata } from "#app/_http/page-metadata.ts";
import { requireOperator } from "#app/_http/session/operator.ts";
import { cn } from "#app/_ui/cn.ts";
import { Money } from "#app/_ui/formats/money.tsx";
import { PageHeader } from "#app/_ui/page-header.tsx";
import { RevenueCharts } from "#app/(operator)/_console/revenue-charts.tsx";
import { Stat, StatList } from "#app/(operator)/_console/stat.tsx";
import { SystemStatus } from "#app/(operator)/_console/system-status.tsx";
import { db } from "#db/client.ts";
import { readOperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { now } from "#lib/core/clock.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";
import { readQueueDepth } from "#lib/jobs/queue-depth.ts";

export const generateMetadata = pageMetadata("/operator");

const dayOptions = [30, 90, 365] as const;
const daysSchema = z.coerce.number().pipe(z.literal([...dayOptions]));

type Props = { searchParams: Promise<{ days?: string | string[] }> };

export default async function OperatorOverviewPage({ searchParams }: Props) {
  await requireOperator();
  const days = daysSchema.safeParse((await searchParams).days).data ?? 30;
  const [overview, queues] = await Promise.all([readOperatorOverview(db(), days, now()), readQueueDepth()]);
  const t = await getTranslations("operator.overview");
  const formats = formatsFor(await getLocale());
  const { today, churn, month } = overview;
  const { of, ended } = churn;
  return (
    <>
      <PageHeader title={t("title")} description={t("lead")} actions={<DaysSelector days={days} />} />
      <div className="flex flex-col gap-10">
        <StatList label={t("now")}>
          <Stat label={t("mrr")} value={<Money micros={fromCents(today.mrrCents)} />} note={t("mrrNote")} />
          <Stat
            label={t("paying")}
            value={formats.count(today.paying)}
            note={t("payingNote", { count: today.started })}
          />
          <Stat label={t("trialing")} value={formats.count(today.trialing)} />
          <Stat
            label={t("pastDue")}
            value={formats.count(today.pastDue)}
            note={t("pastDueNote", { count: today.failedPayments })}
          />
          <Stat
            label={t("churn")}
            value={of === null ? "-" : formats.percent(ended / of)}
            note={of === null ? t("churnUnknown", { ended }) : t("churnNote", { ended, total: of })}
          />
          <Stat
            label={t("margin")}
            value={<Money micros={month.marginMicros} />}
            note={t("marginNote", {
              paid: formats.money(month.paidMicros),
              cost: formats.money(month.costMicros),
            })}
          />
        </StatList>
        <RevenueCharts days={overview.days} />
        <SystemStatus overview={overview} queues={queues} />
      </div>
    </>
  );
}

async function DaysSelector({ days }: { days: (typeof dayOptions)[number] }) {
  const t = await getTranslations("operator.overview");
  return (
    <nav aria-label={t("period")} className="flex rounded-lg bg-muted p-1 text-sm">
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
          {t("days", { days: option })}
        </Link>
      ))}
    </nav>
  );
}
