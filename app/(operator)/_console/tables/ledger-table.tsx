import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { CustomerDetail } from "#lib/billing/operator/customer-detail.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** Ledger entries, newest first. */
export function LedgerTable({ entries }: { entries: CustomerDetail["entries"] }) {
  return (
    <Table aria-label="Ledger">
      <TableHeader>
        <TableRow>
          <TableHead>When</TableHead>
          <TableHead>Entry</TableHead>
          <TableHead>Caused by</TableHead>
          <TableHead className="text-right">Amount</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {entries.map(({ id, kind, source, amountMicros, at }) => (
          <TableRow key={id}>
            <TableCell>
              <DateTime at={at} format={dateTimeFormat} />
            </TableCell>
            <TableCell className="whitespace-nowrap">{kind.replaceAll("_", " ")}</TableCell>
            <TableCell className="font-mono text-muted-foreground text-xs">{source}</TableCell>
            <TableCell className="text-right">
              <Money micros={amountMicros} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
