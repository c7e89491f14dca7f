import Link from "next/link";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { Stat } from "#app/(operator)/_console/stat.tsx";
import type { OperatorOverview } from "#lib/billing/operator/operator-overview.ts";
import type { QueueDepth } from "#lib/jobs/queue-depth.ts";

type Props = { overview: Pick<OperatorOverview, "inbox" | "openFindings">; queues: QueueDepth[] };

/** Webhook lag, failed events, open drift findings, and the depth of the job queues. */
export function SystemStatus({ overview: { inbox, openFindings }, queues }: Props) {
  const waitingQueues = queues.filter(({ waiting }) => waiting > 0).sort((a, b) => b.waiting - a.waiting);
  return (
    <section aria-labelledby="system" className="flex flex-col gap-4">
      <h2 id="system" className="font-semibold">
        Webhooks and jobs
      </h2>
      <dl className="grid grid-cols-2 gap-x-6 lg:grid-cols-4">
        <Stat
          label="Webhook lag, 24 hours"
          value={inbox.p95LagSeconds === null ? "-" : formatLag(inbox.p95LagSeconds)}
          note="19 of 20 were done within it."
        />
        <Stat
          label="Events waiting"
          value={<ConsoleLink href="/operator/events?state=received">{inbox.waiting}</ConsoleLink>}
          note={
            inbox.oldestWaitingAt && (
              <>
                the oldest came <TimeAgo at={inbox.oldestWaitingAt} />
              </>
            )
          }
        />
        <Stat
          label="Events failed"
          value={<ConsoleLink href="/operator/events?state=failed">{inbox.failed}</ConsoleLink>}
        />
        <Stat
          label="Open findings"
          value={<ConsoleLink href="/operator/drift">{openFindings}</ConsoleLink>}
          note="where Stripe and our books differ"
        />
      </dl>
      {waitingQueues.length === 0 ? (
        <p className="text-muted-foreground text-sm">No job waits.</p>
      ) : (
        <Table aria-label="Jobs that wait">
          <TableHeader>
            <TableRow>
              <TableHead>Queue</TableHead>
              <TableHead className="text-right">Jobs that wait</TableHead>
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

function formatLag(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
