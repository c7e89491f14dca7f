import { useLocale, useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { TimeAgoText } from "#app/_ui/formats/time-ago-text.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { formatsFor } from "#lib/core/formats.ts";
import type { HealthReport } from "#lib/usage/health/health-report.ts";

/** Each upstream with its status, response time and last error. `at`: real time, in which checks are made. */
export function UpstreamTable({ upstreams, at }: { upstreams: HealthReport["upstreams"]; at: Date }) {
  const t = useTranslations("operator.models");
  const { count } = formatsFor(useLocale());
  return (
    <Table aria-label={t("upstreams")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("upstream")}</TableHead>
          <TableHead>{t("status")}</TableHead>
          <TableHead>{t("since")}</TableHead>
          <TableHead className="text-right">{t("latency")}</TableHead>
          <TableHead>{t("checked")}</TableHead>
          <TableHead>{t("lastError")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {upstreams.map((upstream) => (
          <TableRow key={upstream.upstream}>
            <TableCell>
              <span className="block font-medium">{upstream.upstream}</span>
              <span className="block text-muted-foreground text-xs">{upstream.baseUrl}</span>
            </TableCell>
            <TableCell>
              <UpstreamStatus {...upstream} />
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {upstream.since == null ? t("none") : <TimeAgoText at={upstream.since} since={at} />}
            </TableCell>
            <TableCell className="whitespace-nowrap text-right tabular-nums">
              {upstream.latencyMs == null ? t("none") : t("milliseconds", { ms: count(upstream.latencyMs) })}
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {upstream.checkedAt == null ? t("none") : <TimeAgoText at={upstream.checkedAt} since={at} />}
            </TableCell>
            <TableCell className="text-muted-foreground">
              {upstream.lastError == null || upstream.lastErrorAt == null ? (
                t("none")
              ) : (
                <>
                  {upstream.lastError} (<TimeAgoText at={upstream.lastErrorAt} since={at} />)
                </>
              )}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function UpstreamStatus({ checkedAt, outage, failures, listsModels }: HealthReport["upstreams"][number]) {
  const t = useTranslations("operator.models");
  if (checkedAt == null) return <Badge variant="secondary">{t("notChecked")}</Badge>;
  if (outage != null) return <Badge variant="danger">{t(`reasons.${outage}`)}</Badge>;
  if (failures !== undefined && failures > 0) return <Badge variant="warning">{t("lastCheckFailed")}</Badge>;
  return (
    <>
      <Badge variant="success">{t("available")}</Badge>
      {listsModels === false && (
        <span className="mt-1 block text-muted-foreground text-xs">{t("listsNothing")}</span>
      )}
    </>
  );
}
