import { useTranslations } from "next-intl";
import { publicFormOf } from "#app/_http/error-result.ts";
import { completionErrors } from "#app/_openapi/completion-errors.ts";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { Section, withCode } from "#app/(public)/docs/api/section.tsx";

/** The errors of chat completions, by status; other endpoints have some of them. */
export function ErrorTable() {
  const t = useTranslations("apiDocs.errors");
  const errors = useTranslations("errors.codes");
  const rows = completionErrors
    .map((code) => ({ meaning: errors(code), ...publicFormOf(code, "openai") }))
    .sort((a, b) => a.status - b.status);
  return (
    <Section id="errors">
      <p className="text-pretty leading-relaxed">{t.rich("body", withCode)}</p>
      <Table aria-label={t("title")} className="min-w-128">
        <TableHeader>
          <TableRow>
            <TableHead>{t("status")}</TableHead>
            <TableHead>{t("code")}</TableHead>
            <TableHead>{t("meaning")}</TableHead>
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map(({ status, code, meaning }) => (
            <TableRow key={`${code} ${meaning}`}>
              <TableCell className="tabular-nums">{status}</TableCell>
              <TableCell className="font-mono text-[0.8125rem]">{code}</TableCell>
              <TableCell className="min-w-56 text-pretty">{meaning}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
      <p className="text-pretty leading-relaxed">{t.rich("retry", withCode)}</p>
      <p className="text-pretty leading-relaxed">{t.rich("moderation", withCode)}</p>
      <p className="text-pretty leading-relaxed">{t.rich("stream", withCode)}</p>
    </Section>
  );
}
