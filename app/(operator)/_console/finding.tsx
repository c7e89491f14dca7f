import Link from "next/link";
import { DateTime } from "#app/_ui/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { ActButton } from "#app/(operator)/_console/act-button.tsx";
import { fixDriftAction } from "#app/(operator)/operator/actions.ts";
import type { DriftLine } from "#lib/billing/operator-drift.ts";

const moment: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** What was found of one customer, ours beside Stripe's, and the way to put it right. */
export function Finding({ finding }: { finding: DriftLine }) {
  const { customerId, workspaceId, name, differences, foundAt, fixedAt, fixedBy } = finding;
  const title = name ?? customerId;
  return (
    <li className="flex flex-col gap-2">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="font-semibold">
            {workspaceId === null ? (
              title
            ) : (
              <Link href={`/operator/customers/${workspaceId}`} className="hover:underline">
                {title}
              </Link>
            )}
          </h2>
          <p className="text-muted-foreground text-sm">
            <span className="font-mono text-xs">{customerId}</span> · found{" "}
            <DateTime at={foundAt} format={moment} />
            {fixedAt !== null && (
              <>
                {" · "}put right by {fixedBy ?? "the sweep"} <DateTime at={fixedAt} format={moment} />
              </>
            )}
          </p>
        </div>
        {fixedAt === null && (
          <ActButton action={fixDriftAction} fields={{ customerId }}>
            Fix
          </ActButton>
        )}
      </div>
      <Table aria-label={`Differences of ${title}`}>
        <TableHeader>
          <TableRow>
            <TableHead>What</TableHead>
            <TableHead>Here</TableHead>
            <TableHead>At Stripe</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {differences.map(({ what, ours, theirs }) => (
            <TableRow key={what}>
              <TableCell className="break-all">{what}</TableCell>
              <TableCell>{ours}</TableCell>
              <TableCell>{theirs}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </li>
  );
}
