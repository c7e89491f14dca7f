import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import type { Messages } from "#app/_messages/catalogs.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { Button } from "#app/_ui/button.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { formatsFor } from "#lib/core/formats.ts";
import type { RequestLine } from "#lib/usage/reports.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

const outcomes: Record<
  string,
  { label: keyof Messages["usage"]["outcomes"]; variant: "secondary" | "warning" | "danger" }
> = {
  cached: { label: "cached", variant: "secondary" },
  stopped: { label: "stopped", variant: "secondary" },
  out_of_credit: { label: "outOfCredit", variant: "warning" },
  interrupted: { label: "interrupted", variant: "warning" },
  failed: { label: "failed", variant: "danger" },
};

type Props = {
  requests: (RequestLine & { modelLabel: string })[];
  firstPage: boolean;
  olderHref: string | undefined;
};

/** Requests with tokens, duration and cost, newest first. */
export function RequestTable({ requests, firstPage, olderHref }: Props) {
  const t = useTranslations("usage");
  const formats = formatsFor(useLocale());
  const column = requests.map((request) => request.chargedMicros);
  return (
    <section aria-labelledby="requests">
      <h2 id="requests" className="mb-2 scroll-mt-6 font-semibold">
        {t("requests.title")}
      </h2>
      <Table aria-label={t("requests.title")} stacked>
        <TableHeader>
          <TableRow>
            <TableHead>{t("requests.when")}</TableHead>
            <TableHead>{t("requests.model")}</TableHead>
            <TableHead>{t("requests.source")}</TableHead>
            <TableHead className="text-right">{t("columns.tokensIn")}</TableHead>
            <TableHead className="text-right">{t("columns.tokensOut")}</TableHead>
            <TableHead className="text-right">{t("requests.duration")}</TableHead>
            <TableHead className="text-right">{t("requests.cost")}</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {requests.map((request) => {
            const outcome = outcomes[request.outcome];
            return (
              <TableRow key={request.id}>
                <TableCell place="detail">
                  <DateTime at={request.at} format={dateTimeFormat} />
                </TableCell>
                <TableCell place="lead" className="whitespace-nowrap">
                  {request.modelLabel}{" "}
                  {outcome !== undefined && (
                    <Badge variant={outcome.variant}>{t(`outcomes.${outcome.label}`)}</Badge>
                  )}
                </TableCell>
                <TableCell place="detail" className="whitespace-nowrap text-muted-foreground">
                  {request.keyName ?? t("requests.chat")}
                </TableCell>
                <TableCell place="detail" unit={t("columns.tokensInUnit")} className="text-right">
                  {formats.count(request.promptTokens)}
                </TableCell>
                <TableCell place="detail" unit={t("columns.tokensOutUnit")} className="text-right">
                  {formats.count(request.completionTokens)}
                </TableCell>
                <TableCell place="detail" className="whitespace-nowrap text-right">
                  {t("requests.seconds", { seconds: formats.seconds(request.durationMs) })}
                </TableCell>
                <TableCell place="amount" className="whitespace-nowrap text-right">
                  {request.estimated && <span title={t("requests.estimated")}>{t("requests.about")} </span>}
                  <Money micros={request.chargedMicros} column={column} />
                </TableCell>
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
      <div className="mt-4 flex gap-2">
        {!firstPage && (
          <Button asChild variant="outline" size="sm">
            <Link href="/usage#requests">{t("requests.newest")}</Link>
          </Button>
        )}
        {olderHref !== undefined && (
          <Button asChild variant="outline" size="sm">
            <Link href={olderHref}>{t("requests.older")}</Link>
          </Button>
        )}
      </div>
    </section>
  );
}
