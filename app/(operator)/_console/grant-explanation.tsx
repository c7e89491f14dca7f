import Link from "next/link";
import { Fragment } from "react";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { formatCount } from "#app/_ui/formats/format-count.ts";
import { Money } from "#app/_ui/formats/money.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { formatGrantKind } from "#app/(operator)/_console/format-grant-kind.ts";
import type { ExplainedGrant, GrantSpend } from "#lib/billing/reports/explain-grants.ts";

const dateTimeFormat: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" };

/**
 * A grant of an invoice line: amounts spent, expired, clawed back and remaining, and the generations that
 * spent it.
 */
export function GrantExplanation({ grant, path }: { grant: ExplainedGrant; path: string }) {
  const parts = [
    ["spent", grant.spentMicros],
    ["expired", grant.expiredMicros],
    ["clawed back", grant.takenBackMicros],
    ["left", grant.remainingMicros],
  ] as const;
  return (
    <div className="flex flex-col gap-3 pl-4 sm:pl-6">
      <div>
        <h3 className="flex flex-wrap items-center gap-2 font-medium">
          {formatGrantKind(grant.kind)} <Money micros={grant.grantedMicros} />
          <Badge variant={grant.addsUp ? "success" : "danger"}>
            {grant.addsUp ? "adds up" : "does not add up"}
          </Badge>
        </h3>
        <p className="text-muted-foreground text-sm">
          <DateTime at={grant.startsAt} /> to <DateTime at={grant.expiresAt} /> ·{" "}
          <span className="font-mono text-xs">{grant.sourceKey}</span>
        </p>
        <p className="mt-1 text-sm">
          <Money micros={grant.grantedMicros} /> given ={" "}
          {parts.map(([word, micros], index) => (
            <Fragment key={word}>
              {index > 0 && " + "}
              <span className="whitespace-nowrap">
                <Money micros={micros} /> {word}
              </span>
            </Fragment>
          ))}
        </p>
      </div>
      {grant.answers.length === 0 ? (
        <p className="text-muted-foreground text-sm">No answer has spent from it.</p>
      ) : (
        <details open={grant.answers.length <= 10}>
          <summary className="min-h-8 rounded-md text-muted-foreground text-sm hover:text-foreground">
            {formatCount(grant.answerCount, "answer")} spent it
          </summary>
          <AnswerTable answers={grant.answers} label={`Answers that spent ${grant.sourceKey}`} />
          {grant.answersBefore !== null && (
            <Link
              href={`${path}?answers=${grant.id}_${grant.answersBefore}`}
              className="inline-flex min-h-8 items-center text-accent text-sm underline underline-offset-4 pointer-coarse:min-h-11"
            >
              Older answers
            </Link>
          )}
        </details>
      )}
    </div>
  );
}

function AnswerTable({ answers, label }: { answers: GrantSpend[]; label: string }) {
  return (
    <Table aria-label={label}>
      <TableHeader>
        <TableRow>
          <TableHead>When</TableHead>
          <TableHead>Model</TableHead>
          <TableHead className="text-right">Tokens in</TableHead>
          <TableHead className="text-right">Out</TableHead>
          <TableHead className="text-right">Charged</TableHead>
          <TableHead className="text-right">From this credit</TableHead>
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
              {answer.promptTokens?.toLocaleString("en-US") ?? "-"}
            </TableCell>
            <TableCell className="text-right">
              {answer.completionTokens?.toLocaleString("en-US") ?? "-"}
            </TableCell>
            <TableCell className="text-right">
              <Money micros={answer.chargedMicros} />
            </TableCell>
            <TableCell className="text-right">
              <Money micros={answer.spentMicros} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
