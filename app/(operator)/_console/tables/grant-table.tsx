import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { GrantExpiry } from "#app/_ui/grant-expiry.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { GrantKind } from "#app/(operator)/_console/grant-kind.tsx";
import type { CustomerDetail } from "#lib/billing/operator/customer-detail.ts";

const amountColumns = [
  "amountMicros",
  "spentMicros",
  "expiredMicros",
  "takenBackMicros",
  "remainingMicros",
] as const;
const amountHeadings = ["granted", "spent", "expired", "returned", "left"] as const;

/** A customer's grants with the amounts spent, expired, clawed back and remaining. */
export function GrantTable({ grants, at }: { grants: CustomerDetail["grants"]; at: Date }) {
  const t = useTranslations("operator.grants");
  return (
    <Table aria-label={t("table")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("kind")}</TableHead>
          <TableHead>{t("from")}</TableHead>
          <TableHead>{t("until")}</TableHead>
          {amountHeadings.map((heading) => (
            <TableHead key={heading} className="text-right">
              {t(heading)}
            </TableHead>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {grants.map((grant) => (
          <TableRow key={grant.id}>
            <TableCell className="whitespace-nowrap">
              <GrantKind kind={grant.kind} />{" "}
              {grant.expiresAt <= at && <Badge variant="secondary">{t("over")}</Badge>}
              <span className="block font-mono text-muted-foreground text-xs">{grant.sourceKey}</span>
            </TableCell>
            <TableCell>
              <DateTime at={grant.startsAt} />
            </TableCell>
            <TableCell>
              <GrantExpiry grant={grant} />
            </TableCell>
            {amountColumns.map((column) => (
              <TableCell key={column} className="text-right">
                <Money micros={grant[column]} column={grants.map((other) => other[column])} />
              </TableCell>
            ))}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
