import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { cn } from "#app/_ui/cn.ts";
import { Money } from "#app/_ui/formats/money.tsx";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { CustomerSummary } from "#lib/billing/operator/customer-list.ts";

const amountColumns = ["balanceMicros", "spentMicros", "paidMicros", "costMicros", "marginMicros"] as const;
const amountHeadings = ["balance", "spent", "paid", "modelCost", "margin"] as const;

/** Customers with their plan, balance, spending, payments and margin. */
export function CustomerTable({ lines }: { lines: CustomerSummary[] }) {
  const t = useTranslations("operator.customers");
  return (
    <Table aria-label={t("title")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("customer")}</TableHead>
          <TableHead>{t("plan")}</TableHead>
          {amountHeadings.map((heading) => (
            <TableHead key={heading} className="text-right">
              {t(heading)}
            </TableHead>
          ))}
          <TableHead>{t("lastSync")}</TableHead>
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
              <span className="block text-muted-foreground text-xs">{line.email ?? t("noMember")}</span>
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {line.planName} <StatusBadge status={line.status} />
            </TableCell>
            {amountColumns.map((column) => (
              <TableCell key={column} className={cn("text-right", line[column] < 0 && "text-danger")}>
                <Money micros={line[column]} column={lines.map((other) => other[column])} />
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
