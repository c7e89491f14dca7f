import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { GrantKind } from "#app/(operator)/_console/grant-kind.tsx";
import type { ExplainedGrant, GrantSpend } from "#lib/billing/reports/explain-grants.ts";
import { formatsFor } from "#lib/core/formats.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/**
 * A grant of an invoice line: amounts spent, expired, clawed back and remaining, and the generations that
 * spent it.
 */
export function GrantExplanation({ grant, path }: { grant: ExplainedGrant; path: string }) {
  const t = useTranslations("operator.invoice");
  const amount = (micros: number) => () => <Money micros={micros} />;
  return (
    <div className="flex flex-col gap-3 pl-4 sm:pl-6">
      <div>
        <h3 className="flex flex-wrap items-center gap-2 font-medium">
          <GrantKind kind={grant.kind} /> <Money micros={grant.grantedMicros} />
          <Badge variant={grant.addsUp ? "success" : "danger"}>
            {t(grant.addsUp ? "addsUp" : "doesNotAddUp")}
          </Badge>
        </h3>
        <p className="text-muted-foreground text-sm">
          {t.rich("period", {
            from: () => <DateTime at={grant.startsAt} />,
            to: () => <DateTime at={grant.expiresAt} />,
          })}
          {" · "}
          <span className="font-mono text-xs">{grant.sourceKey}</span>
        </p>
        <p className="mt-1 text-sm">
          {t.rich("sum", {
            amount: amount(grant.grantedMicros),
            spent: amount(grant.spentMicros),
            expired: amount(grant.expiredMicros),
            returned: amount(grant.takenBackMicros),
            left: amount(grant.remainingMicros),
          })}
        </p>
      </div>
      {grant.answers.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noAnswers")}</p>
      ) : (
        <details open={grant.answers.length <= 10}>
          <summary className="min-h-8 rounded-md text-muted-foreground text-sm hover:text-foreground">
            {t("answers", { count: grant.answerCount })}
          </summary>
          <AnswerTable answers={grant.answers} label={t("answersTable", { source: grant.sourceKey })} />
          {grant.answersBefore !== null && (
            <Link
              href={`${path}?answers=${grant.id}_${grant.answersBefore}`}
              className="inline-flex min-h-8 items-center text-accent text-sm underline underline-offset-4 pointer-coarse:min-h-11"
            >
              {t("olderAnswers")}
            </Link>
          )}
        </details>
      )}
    </div>
  );
}

function AnswerTable({ answers, label }: { answers: GrantSpend[]; label: string }) {
  const t = useTranslations("operator.invoice");
  const { count } = formatsFor(useLocale());
  const charged = answers.map((answer) => answer.chargedMicros);
  const spent = answers.map((answer) => answer.spentMicros);
  return (
    <Table aria-label={label}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("when")}</TableHead>
          <TableHead>{t("model")}</TableHead>
          <TableHead className="text-right">{t("tokensIn")}</TableHead>
          <TableHead className="text-right">{t("tokensOut")}</TableHead>
          <TableHead className="text-right">{t("charged")}</TableHead>
          <TableHead className="text-right">{t("fromGrant")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {answers.map((answer) => (
          <TableRow key={answer.entryId}>
            <TableCell>
              <DateTime at={answer.at} format={dateTimeFormat} />
            </TableCell>
            <TableCell className="whitespace-nowrap">{answer.model}</TableCell>
            <TableCell className="text-right">
              {answer.promptTokens == null ? "-" : count(answer.promptTokens)}
            </TableCell>
            <TableCell className="text-right">
              {answer.completionTokens == null ? "-" : count(answer.completionTokens)}
            </TableCell>
            <TableCell className="text-right">
              <Money micros={answer.chargedMicros} column={charged} />
            </TableCell>
            <TableCell className="text-right">
              <Money micros={answer.spentMicros} column={spent} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
