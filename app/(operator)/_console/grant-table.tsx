import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/date-time.tsx";
import { LastDay } from "#app/_ui/last-day.tsx";
import { Money } from "#app/_ui/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { sayGrant } from "#app/(operator)/_console/say-grant.ts";
import type { CustomerDetail } from "#lib/billing/operator-customer.ts";

const sums = ["amountMicros", "spentMicros", "expiredMicros", "takenBackMicros", "remainingMicros"] as const;
const heads = ["Given", "Spent", "Expired", "Taken back", "Left"];

/** Credit that was given, and what became of it. */
export function GrantTable({ grants, at }: { grants: CustomerDetail["grants"]; at: Date }) {
  return (
    <Table aria-label="Credit">
      <TableHeader>
        <TableRow>
          <TableHead>Kind</TableHead>
          <TableHead>From</TableHead>
          <TableHead>Until</TableHead>
          {heads.map((head) => (
            <TableHead key={head} className="text-right">
              {head}
            </TableHead>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {grants.map((grant) => (
          <TableRow key={grant.id}>
            <TableCell className="whitespace-nowrap">
              {sayGrant(grant.kind)} {grant.expiresAt <= at && <Badge variant="secondary">over</Badge>}
              <span className="block font-mono text-muted-foreground text-xs">{grant.sourceKey}</span>
            </TableCell>
            <TableCell>
              <DateTime at={grant.startsAt} />
            </TableCell>
            <TableCell>
              <LastDay grant={grant} />
            </TableCell>
            {sums.map((sum) => (
              <TableCell key={sum} className="text-right">
                <Money micros={grant[sum]} />
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
