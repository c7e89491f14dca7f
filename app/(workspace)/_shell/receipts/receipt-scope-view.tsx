import { useLocale, useTranslations } from "next-intl";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import type { NamedReceipt } from "#app/(workspace)/_shell/receipts/actions.ts";
import { addSums } from "#lib/chat/conversations/receipt-sums.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = {
  scope: NamedReceipt["whole"];
  sideCalls: NamedReceipt["sideCalls"];
  /** Formats micro-USD with the decimals of all amounts of the receipt. */
  money: (micros: number) => string;
};

/** The sums of a scope, its models, its calls at no charge, and what it leaves out. */
export function ReceiptScopeView({ scope, sideCalls, money }: Props) {
  const t = useTranslations("receipts");
  const { count } = formatsFor(useLocale());
  const sums = addSums(scope.models);
  const facts = [
    { name: t("answers"), value: sums.count },
    { name: t("input"), value: sums.promptTokens },
    { name: t("cached"), value: sums.cachedTokens, isPart: true },
    { name: t("output"), value: sums.completionTokens },
    { name: t("reasoning"), value: sums.reasoningTokens, isPart: true },
  ];
  const notes = [
    ...(scope.models.length === 0 ? [t("none")] : []),
    ...(scope.running > 0 ? [t("running")] : []),
    ...(scope.free > 0 ? [t("free", { count: scope.free })] : []),
    ...(scope.copied > 0 ? [t("copied", { count: scope.copied })] : []),
    ...(sums.estimated > 0 ? [t("estimated", { count: sums.estimated })] : []),
  ];
  return (
    <>
      <dl className="grid grid-cols-[1fr_auto] gap-y-1.5 text-sm tabular-nums">
        {facts.map(({ name, value, isPart }) => (
          <div key={name} className={isPart ? "contents text-muted-foreground" : "contents"}>
            <dt className={isPart ? "pl-4" : undefined}>{name}</dt>
            <dd className="text-right">{count(value)}</dd>
          </div>
        ))}
        <div className="contents font-semibold">
          <dt>{t("cost")}</dt>
          <dd className="text-right">{money(sums.chargedMicros)}</dd>
        </div>
      </dl>
      {scope.models.length > 0 && (
        // The shadows of the table fade into the color of the card.
        <div className="[--background:var(--card)]">
          <ModelTable lines={scope.models} money={money} />
        </div>
      )}
      {sideCalls.length > 0 && (
        <section className="flex flex-col gap-1.5 text-sm">
          <h3 className="font-medium">{t("sideCalls")}</h3>
          {sideCalls.map((call) => (
            <p key={`${call.purpose} ${call.model}`} className="flex justify-between gap-3 tabular-nums">
              <span className="min-w-0 text-muted-foreground">
                {t("titleCall", { model: call.label })}{" "}
                <span className="whitespace-nowrap">
                  {t("sideTokens", { input: call.promptTokens, output: call.completionTokens })}
                </span>
              </span>
              <span>{money(call.chargedMicros)}</span>
            </p>
          ))}
        </section>
      )}
      {notes.map((note) => (
        <p key={note} className="text-pretty text-muted-foreground text-sm">
          {note}
        </p>
      ))}
    </>
  );
}

function ModelTable({ lines, money }: { lines: Props["scope"]["models"]; money: Props["money"] }) {
  const t = useTranslations("receipts");
  const { count } = formatsFor(useLocale());
  return (
    <Table stacked aria-label={t("models")}>
      <TableHeader>
        <TableRow>
          <TableHead>{t("model")}</TableHead>
          <TableHead className="text-right">{t("answers")}</TableHead>
          <TableHead className="text-right">{t("input")}</TableHead>
          <TableHead className="text-right">{t("output")}</TableHead>
          <TableHead className="text-right">{t("cost")}</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {lines.map((line) => (
          <TableRow key={line.model} className="tabular-nums">
            <TableCell place="lead">{line.label}</TableCell>
            <TableCell place="detail" unit={t("answerUnit", { count: line.count })} className="text-right">
              {count(line.count)}
            </TableCell>
            <TableCell place="detail" unit={t("input")} className="text-right">
              {count(line.promptTokens)}
            </TableCell>
            <TableCell place="detail" unit={t("output")} className="text-right">
              {count(line.completionTokens)}
            </TableCell>
            <TableCell place="amount" className="text-right">
              {money(line.chargedMicros)}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
