import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { Money } from "#app/_ui/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { TimeAgo } from "#app/_ui/time-ago.tsx";
import type { CustomerLine } from "#lib/billing/operator-customers.ts";

const sums = ["balanceMicros", "spentMicros", "paidMicros", "costMicros", "marginMicros"] as const;
const heads = ["Balance", "Spent", "Paid", "Model cost", "Margin"];

/** People and what they come to. */
export function CustomerTable({ lines }: { lines: CustomerLine[] }) {
  return (
    <Table aria-label="Customers">
      <TableHeader>
        <TableRow>
          <TableHead>Customer</TableHead>
          <TableHead>Plan</TableHead>
          {heads.map((head) => (
            <TableHead key={head} className="text-right">
              {head}
            </TableHead>
          ))}
          <TableHead>Last sync</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {lines.map((line) => (
          <TableRow key={line.workspaceId}>
            <TableCell>
              <Link
                href={`/operator/customers/${line.workspaceId}`}
                className="font-medium underline decoration-accent/40 underline-offset-4 hover:decoration-accent"
              >
                {line.name}
              </Link>
              <span className="block text-muted-foreground text-xs">{line.email ?? "nobody any more"}</span>
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {line.planName} <StatusBadge status={line.status} />
            </TableCell>
            {sums.map((sum) => (
              <TableCell key={sum} className={cn("text-right", line[sum] < 0 && "text-danger")}>
                <Money micros={line[sum]} />
              </TableCell>
            ))}
            <TableCell className="text-muted-foreground">
              {line.syncedAt === null ? "-" : <TimeAgo at={line.syncedAt} />}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

const tones: Record<string, "success" | "warning" | "danger" | "default"> = {
  active: "success",
  trialing: "default",
  past_due: "danger",
  unpaid: "danger",
  incomplete: "warning",
  paused: "warning",
};

/** Stripe's word for a subscription; nothing where there never was one. */
export function StatusBadge({ status }: { status: string | null }) {
  if (status === null) return null;
  return <Badge variant={tones[status] ?? "secondary"}>{status.replaceAll("_", " ")}</Badge>;
}
