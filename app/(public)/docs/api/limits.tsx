import { useLocale, useTranslations } from "next-intl";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { Section, withCode } from "#app/(public)/docs/api/section.tsx";
import { planList } from "#lib/billing/catalog/plans.ts";
import { maxApiBodyBytes } from "#lib/chat/api/request-schema.ts";
import { formatsFor } from "#lib/core/formats.ts";

export function Limits() {
  const t = useTranslations("apiDocs.limits");
  const { count } = formatsFor(useLocale());
  return (
    <Section id="limits">
      <p className="text-pretty leading-relaxed">{t.rich("body", withCode)}</p>
      <Table aria-label={t("title")}>
        <TableHeader>
          <TableRow>
            <TableHead>{t("plan")}</TableHead>
            <TableHead className="text-right">{t("requests")}</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {planList.map(({ id, name, requestsPerMinute }) => (
            <TableRow key={id}>
              <TableCell>{name}</TableCell>
              <TableCell className="text-right tabular-nums">{count(requestsPerMinute)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <p className="text-pretty leading-relaxed">{t("size", { size: count(maxApiBodyBytes / 1_048_576) })}</p>
    </Section>
  );
}
