import { useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { TimeAgoText } from "#app/_ui/formats/time-ago-text.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { HealthReport } from "#lib/usage/health/health-report.ts";
import type { ModelStatus } from "#lib/usage/health/model-status.ts";

/** Each model with its status and last error. `at`: real time. */
export function ModelTable({ models, at }: { models: HealthReport["models"]; at: Date }) {
  const t = useTranslations("operator.models");
  return (
    <Table aria-label={t("models")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("model")}</TableHead>
          <TableHead>{t("upstream")}</TableHead>
          <TableHead>{t("status")}</TableHead>
          <TableHead>{t("since")}</TableHead>
          <TableHead>{t("lastError")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {models.map(({ model, status, record }) => (
          <TableRow key={model.id}>
            <TableCell className="whitespace-nowrap">
              <span className="block font-medium">{model.label}</span>
              <span className="block font-mono text-muted-foreground text-xs">{model.id}</span>
            </TableCell>
            <TableCell className="text-muted-foreground">{model.upstream}</TableCell>
            <TableCell>
              <ModelStatusBadge status={status} />
            </TableCell>
            <TableCell className="whitespace-nowrap">
              {status.status === "available" ? (
                t("none")
              ) : (
                <TimeAgoText at={new Date(status.outage.sinceMs)} since={at} />
              )}
            </TableCell>
            <TableCell className="text-muted-foreground">{record?.lastError ?? t("none")}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function ModelStatusBadge({ status }: { status: ModelStatus }) {
  const t = useTranslations("operator.models");
  if (status.status === "available") return <Badge variant="success">{t("available")}</Badge>;
  const reason = t(`reasons.${status.outage.reason}`);
  if (status.status === "unavailable") return <Badge variant="danger">{reason}</Badge>;
  return (
    <>
      <Badge variant="warning">{reason}</Badge>
      <span className="mt-1 block text-muted-foreground text-xs">
        {t("answeredBy", { model: status.answeredBy.label })}
      </span>
    </>
  );
}
