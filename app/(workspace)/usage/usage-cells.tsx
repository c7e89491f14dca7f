import { Money } from "#app/_ui/formats/money.tsx";
import { TableCell } from "#app/_ui/table.tsx";
import type { UsageRow } from "#lib/usage/reports.ts";

const number = new Intl.NumberFormat("en-US");

/** The cells for answers, tokens and cost in the tables by day and by model. */
export function UsageCells({ row }: { row: UsageRow }) {
  return (
    <>
      <TableCell place="detail" unit={row.requests === 1 ? "answer" : "answers"} className="text-right">
        {number.format(row.requests)}
      </TableCell>
      <TableCell place="detail" unit="tokens in" className="text-right">
        {number.format(row.promptTokens)}
      </TableCell>
      <TableCell place="detail" unit="out" className="text-right">
        {number.format(row.completionTokens)}
      </TableCell>
      <TableCell place="amount" className="text-right">
        <Money micros={row.chargedMicros} />
      </TableCell>
    </>
  );
}
