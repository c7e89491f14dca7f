import { Money } from "#app/_ui/formats/money.tsx";
import { TimeAgo } from "#app/_ui/formats/time-ago.tsx";
import { Stat, StatList } from "#app/(operator)/_console/stat.tsx";
import { StatusBadge } from "#app/(operator)/_console/tables/customer-table.tsx";
import type { CustomerSummary } from "#lib/billing/operator/customer-list.ts";

/** A customer's plan, balance, spending, payments and margin. */
export function CustomerStats({ line }: { line: CustomerSummary }) {
  return (
    <StatList label="Sums">
      <Stat
        label="Plan"
        value={line.planName}
        note={
          line.status === null ? (
            "never subscribed"
          ) : (
            <>
              <StatusBadge status={line.status} />{" "}
              {line.syncedAt !== null && (
                <>
                  synced <TimeAgo at={line.syncedAt} />
                </>
              )}
            </>
          )
        }
      />
      <Stat label="Balance" value={<Money micros={line.balanceMicros} />} note="what is left of all credit" />
      <Stat
        label="Spent"
        value={<Money micros={line.spentMicros} />}
        note="what answers were charged, ever"
      />
      <Stat label="Paid" value={<Money micros={line.paidMicros} />} note="less what went back" />
      <Stat label="Model cost" value={<Money micros={line.costMicros} />} note="what those answers cost us" />
      <Stat label="Margin" value={<Money micros={line.marginMicros} />} note="paid less model cost" />
    </StatList>
  );
}
