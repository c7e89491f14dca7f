import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { Stat } from "#app/(operator)/_console/stat.tsx";
import type { OperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import { type Formats, formatsFor } from "#lib/core/formats.ts";
import type { QueueDepth } from "#lib/jobs/queue-depth.ts";

type Props = { overview: Pick<OperatorOverview, "inbox" | "openFindings">; queues: QueueDepth[] };

/** Webhook lag, failed events, open drift findings, and the depth of the job queues. */
export function SystemStatus({ overview: { inbox, openFindings }, queues }: Props) {
  const t = useTranslations("operator.system");
  const formats = formatsFor(useLocale());
  const { oldestWaitingAt } = inbox;
  const waitingQueues = queues.filter(({ waiting }) => waiting > 0).sort((a, b) => b.waiting - a.waiting);
  return (
    <section aria-labelledby="system" className="flex flex-col gap-4">
      <h2 id="system" className="font-semibold">
        {t("title")}
      </h2>
      <dl className="grid grid-cols-2 gap-x-6 lg:grid-cols-4">
        <Stat
          label={t("lag")}
          value={inbox.p95LagSeconds === null ? "-" : formatLag(inbox.p95LagSeconds, formats, t)}
          note={t("lagNote")}
        />
        <Stat
          label={t("waiting")}
          value={<ConsoleLink href="/operator/events?state=received">{inbox.waiting}</ConsoleLink>}
          note={oldestWaitingAt && t.rich("oldest", { ago: () => <TimeAgo at={oldestWaitingAt} /> })}
        />
        <Stat
          label={t("failed")}
          value={<ConsoleLink href="/operator/events?state=failed">{inbox.failed}</ConsoleLink>}
        />
        <Stat
          label={t("findings")}
          value={<ConsoleLink href="/operator/drift">{openFindings}</ConsoleLink>}
          note={t("findingsNote")}
        />
      </dl>
      {waitingQueues.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("queueEmpty")}</p>
      ) : (
        <Table aria-label={t("queueTable")}>
          <TableHeader>
            <TableRow>
              <TableHead>{t("queue")}</TableHead>
              <TableHead className="text-right">{t("waitingJobs")}</TableHead>
            </TableRow>
          </TableHeader>
          <TableBody>
            {waitingQueues.map(({ name, waiting }) => (
              <TableRow key={name}>
                <TableCell className="font-mono text-xs">{name}</TableCell>
                <TableCell className="text-right">{waiting}</TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      )}
    </section>
  );
}

function ConsoleLink({ href, children }: { href: string; children: number }) {
  return (
    <Link href={href} className="underline decoration-accent/40 underline-offset-4 hover:decoration-accent">
      {children}
    </Link>
  );
}

type Translate = ReturnType<typeof useTranslations<"operator.system">>;

function formatLag(seconds: number, formats: Formats, t: Translate): string {
  if (seconds < 120) return t("seconds", { value: formats.seconds(seconds * 1000) });
  return seconds < 7_200
    ? t("minutes", { value: formats.count(Math.round(seconds / 60)) })
    : t("hours", { value: formats.count(Math.round(seconds / 3_600)) });
}
