import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { UsageCells } from "#app/(workspace)/usage/usage-cells.tsx";
import type { UsageRow } from "#lib/usage/reports.ts";

/** Spending by model, most expensive first. */
export function ModelTable({ rows }: { rows: (UsageRow & { label: string })[] }) {
  return (
    <section aria-labelledby="by-model">
      <h2 id="by-model" className="mb-2 font-semibold">
        By model
      </h2>
      <Table aria-label="Spent by model" stacked>
        <TableHeader>
          <TableRow>
            <TableHead>Model</TableHead>
            <TableHead className="text-right">Answers</TableHead>
            <TableHead className="text-right">Tokens in</TableHead>
            <TableHead className="text-right">Tokens out</TableHead>
            <TableHead className="text-right">Spent</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={row.group}>
              <TableCell place="lead" className="whitespace-nowrap font-medium">
                {row.label}
              </TableCell>
              <UsageCells row={row} />
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </section>
  );
}
