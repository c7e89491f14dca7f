import Link from "next/link";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { Money } from "#app/_ui/formats/money.tsx";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { CustomerSummary } from "#lib/billing/operator/customer-list.ts";

const amountColumns = ["balanceMicros", "spentMicros", "paidMicros", "costMicros", "marginMicros"] as const;
const amountHeadings = ["Balance", "Spent", "Paid", "Model cost", "Margin"];

/** Customers with their plan, balance, spending, payments and margin. */
export function CustomerTable({ lines }: { lines: CustomerSummary[] }) {
  return (
    <Table aria-label="Customers">
      <TableHeader>
        <TableRow>
          <TableHead>Customer</TableHead>
          <TableHead>Plan</TableHead>
          {amountHeadings.map((heading) => (
            <TableHead key={heading} className="text-right">
              {heading}
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
            {amountColumns.map((column) => (
              <TableCell key={column} className={cn("text-right", line[column] < 0 && "text-danger")}>
                <Money micros={line[column]} />
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

const badgeVariants: Record<string, "success" | "warning" | "danger" | "default"> = {
  active: "success",
  trialing: "default",
  past_due: "danger",
  unpaid: "danger",
  incomplete: "warning",
  paused: "warning",
};

/** Stripe's status of a subscription; renders nothing without one. */
export function StatusBadge({ status }: { status: string | null }) {
  if (status === null) return null;
  return <Badge variant={badgeVariants[status] ?? "secondary"}>{status.replaceAll("_", " ")}</Badge>;
}
