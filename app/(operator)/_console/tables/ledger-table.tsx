import { useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { CustomerDetail } from "#lib/billing/operator/customer-detail.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** Ledger entries, newest first. */
export function LedgerTable({ entries }: { entries: CustomerDetail["entries"] }) {
  const t = useTranslations("operator");
  const amounts = entries.map(({ amountMicros }) => amountMicros);
  return (
    <Table aria-label={t("customer.ledger")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("ledger.when")}</TableHead>
          <TableHead>{t("ledger.entry")}</TableHead>
          <TableHead>{t("ledger.source")}</TableHead>
          <TableHead className="text-right">{t("ledger.amount")}</TableHead>
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
              <Money micros={amountMicros} column={amounts} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
