import { useTranslations } from "next-intl";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { UsageCells, UsageHeads } from "#app/(workspace)/usage/usage-cells.tsx";
import type { UsageRow } from "#lib/usage/reports.ts";

/** Spending by model, most expensive first. */
export function ModelTable({ rows }: { rows: (UsageRow & { label: string })[] }) {
  const t = useTranslations("usage.byModel");
  const column = rows.map((row) => row.chargedMicros);
  return (
    <section aria-labelledby="by-model">
      <h2 id="by-model" className="mb-2 font-semibold">
        {t("title")}
      </h2>
      <Table aria-label={t("table")} stacked>
        <TableHeader>
          <TableRow>
            <TableHead>{t("model")}</TableHead>
            <UsageHeads />
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.group}>
              <TableCell place="lead" className="whitespace-nowrap font-medium">
                {row.label}
              </TableCell>
              <UsageCells row={row} column={column} />
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </section>
  );
}
