import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { AuditRow } from "#lib/billing/operator/customer-detail.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** The audit log, newest entry first. */
export function AuditTable({ lines }: { lines: AuditRow[] }) {
  const t = useTranslations("operator");
  return (
    <Table aria-label={t("customer.audit")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("audit.when")}</TableHead>
          <TableHead>{t("audit.actor")}</TableHead>
          <TableHead>{t("audit.action")}</TableHead>
          <TableHead>{t("audit.details")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {lines.map(({ id, action, target, actor, data, at }) => (
          <TableRow key={id}>
            <TableCell>
              <DateTime at={at} format={dateTimeFormat} />
            </TableCell>
            <TableCell className="whitespace-nowrap">{actor ?? "-"}</TableCell>
            <TableCell className="whitespace-nowrap font-mono text-xs">{action}</TableCell>
            <TableCell className="text-muted-foreground text-xs">
              {[target, formatAuditData(data)].filter(Boolean).join(" · ")}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function formatAuditData(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  return Object.entries(data)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join(", ");
}
