import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { OperatorActionButton } from "#app/(operator)/_console/operator-action-button.tsx";
import { fixDriftAction } from "#app/(operator)/operator/actions.ts";
import type { DriftRow } from "#lib/billing/operator/drift-list.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** The drift of one customer: our values next to Stripe's or the expected ones, with a button to fix it. */
export function Finding({ finding }: { finding: DriftRow }) {
  const t = useTranslations("operator.drift");
  const { customerId, workspaceId, name, source, differences, foundAt, fixedAt, fixedBy } = finding;
  const title = name ?? customerId;
  return (
    <li className="flex flex-col gap-2">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="font-semibold">
            {workspaceId === null ? (
              title
            ) : (
              <Link href={`/operator/customers/${workspaceId}`} className="hover:underline">
                {title}
              </Link>
            )}{" "}
            <Badge variant={source === "audit" ? "warning" : "secondary"}>{t(`sources.${source}`)}</Badge>
          </h2>
          <p className="text-muted-foreground text-sm">
            <span className="font-mono text-xs">{customerId}</span>
            {" · "}
            {t.rich("found", { date: () => <DateTime at={foundAt} format={dateTimeFormat} /> })}
            {fixedAt !== null && (
              <>
                {" · "}
                {t.rich("fixed", {
                  actor: fixedBy ?? t("nightlyCheck"),
                  date: () => <DateTime at={fixedAt} format={dateTimeFormat} />,
                })}
              </>
            )}
          </p>
        </div>
        {fixedAt === null && (
          <OperatorActionButton action={fixDriftAction} fields={{ customerId }}>
            {t("fix")}
          </OperatorActionButton>
        )}
      </div>
      <Table aria-label={t("differences", { name: title })}>
        <TableHeader>
          <TableRow>
            <TableHead>{t("what")}</TableHead>
            <TableHead>{t("ours")}</TableHead>
            <TableHead>{t(source === "audit" ? "expected" : "theirs")}</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {differences.map(({ what, ours, theirs }) => (
            <TableRow key={what}>
              <TableCell className="break-all">{what}</TableCell>
              <TableCell>{ours}</TableCell>
              <TableCell>{theirs}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </li>
  );
}
