import { DateTime } from "#app/_ui/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { AuditLine } from "#lib/billing/operator-customer.ts";

const moment: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** Who did what, the newest first. */
export function AuditTable({ lines }: { lines: AuditLine[] }) {
  return (
    <Table aria-label="Audit trail">
      <TableHeader>
        <TableRow>
          <TableHead>When</TableHead>
          <TableHead>Who</TableHead>
          <TableHead>What</TableHead>
          <TableHead>Details</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {lines.map(({ id, action, target, actor, data, at }) => (
          <TableRow key={id}>
            <TableCell>
              <DateTime at={at} format={moment} />
            </TableCell>
            <TableCell className="whitespace-nowrap">{actor ?? "-"}</TableCell>
            <TableCell className="whitespace-nowrap font-mono text-xs">{action}</TableCell>
            <TableCell className="text-muted-foreground text-xs">
              {[target, sayData(data)].filter(Boolean).join(" · ")}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function sayData(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  return Object.entries(data)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : String(value)}`)
    .join(", ");
}
