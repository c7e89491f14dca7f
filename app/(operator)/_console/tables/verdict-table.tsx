import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { ModerationVerdict } from "#lib/chat/moderation/list-verdicts.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/** Flagged and blocked messages, newest first, without their texts. */
export function VerdictTable({ verdicts }: { verdicts: ModerationVerdict[] }) {
  const t = useTranslations("operator.moderation");
  return (
    <Table aria-label={t("recordsTable")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("when")}</TableHead>
          <TableHead>{t("customer")}</TableHead>
          <TableHead>{t("result")}</TableHead>
          <TableHead>{t("source")}</TableHead>
          <TableHead>{t("categories")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {verdicts.map(({ id, at, customer, workspaceId, result, source, categories }) => (
          <TableRow key={id}>
            <TableCell className="whitespace-nowrap">
              <DateTime at={at} format={dateTimeFormat} />
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {customer === null ? (
                <span className="text-muted-foreground">{t("deleted")}</span>
              ) : (
                <Link
                  href={`/operator/customers/${workspaceId}`}
                  className="underline decoration-accent/40 underline-offset-4 hover:decoration-accent"
                >
                  {customer}
                </Link>
              )}
            </TableCell>
            <TableCell>
              <Badge variant={result === "blocked" ? "danger" : "warning"}>{t(`results.${result}`)}</Badge>
            </TableCell>
            <TableCell className="text-muted-foreground">{t(`sources.${source}`)}</TableCell>
            <TableCell className="font-mono text-xs">{categories.join(", ")}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
