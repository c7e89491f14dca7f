import { Check, Minus } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Table, TableBody, TableHead, TableHeader, TableRow } from "#app/_ui/table.tsx";
import { countAnswers, typicalAnswer } from "#app/(public)/pricing/typical-answers.ts";
import { chatModelsWithGate } from "#app/(workspace)/billing/_plan/plan-models.ts";
import { type Plan, planList } from "#lib/billing/catalog/plans.ts";
import { proTrial } from "#lib/billing/catalog/trial-offer.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

type Row = { label: string; valueFor: (plan: Plan) => string | boolean };

/** On phones a feature is a line of its own above the values of the plans, so that all plans fit. */
const phoneRow = "max-sm:grid max-sm:grid-cols-3";

/** All features of all plans, derived from the catalog and the price list. */
export function PlanComparison() {
  const t = useTranslations("pricing.comparison");
  return (
    <section aria-labelledby="comparison" className="flex flex-col gap-4">
      <h2 id="comparison" className="font-semibold text-xl tracking-tight">
        {t("title")}
      </h2>
      <Table aria-label={t("title")} className="table-fixed max-sm:block [&>*]:max-sm:block">
        <TableHeader>
          <TableRow className={phoneRow}>
            <TableHead className="w-2/5 max-sm:sr-only">{t("feature")}</TableHead>
            {planList.map(({ id, name }) => (
              <TableHead key={id} className="text-center max-sm:leading-10">
                {name}
              </TableHead>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {useRows().map(({ label, valueFor }) => (
            <TableRow key={label} className={phoneRow}>
              <th
                scope="row"
                className="py-3 pr-3 text-left font-normal max-sm:col-span-3 max-sm:pb-0 max-sm:text-muted-foreground"
              >
                {label}
              </th>
              {planList.map((plan) => (
                <td key={plan.id} className="px-3 py-3 text-center tabular-nums">
                  <Value>{valueFor(plan)}</Value>
                </td>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </section>
  );
}

function useRows(): Row[] {
  const t = useTranslations("pricing.comparison");
  const { price, count, tag } = formatsFor(useLocale());
  const typical = typicalAnswer();
  const models = planList.flatMap((plan, index): Row[] => {
    const labels = chatModelsWithGate(plan.gates.at(-1) ?? "");
    const label = new Intl.ListFormat(tag, { type: "conjunction" }).format(labels);
    return labels.length === 0 ? [] : [{ label, valueFor: (other) => planList.indexOf(other) >= index }];
  });
  return [
    { label: t("price"), valueFor: ({ prices }) => price(fromCents(prices.month?.cents ?? 0)) },
    { label: t("yearlyPrice"), valueFor: ({ prices }) => price(fromCents(prices.year?.cents ?? 0)) },
    { label: t("credit"), valueFor: ({ allowanceMicros }) => price(allowanceMicros) },
    ...(typical === null
      ? []
      : [
          {
            label: t("answers"),
            valueFor: ({ allowanceMicros }: Plan) => count(countAnswers(allowanceMicros, typical.costMicros)),
          },
        ]),
    ...models,
    { label: t("requests"), valueFor: ({ requestsPerMinute }) => count(requestsPerMinute) },
    { label: t("receipts"), valueFor: () => true },
    { label: t("api"), valueFor: () => true },
    { label: t("topUps"), valueFor: () => true },
    {
      label: t("trial"),
      valueFor: ({ id }) => id === proTrial.offer.plan.id && t("trialDays", { days: proTrial.days }),
    },
    { label: t("extraUsage"), valueFor: ({ isPaid }) => isPaid },
    { label: t("invoices"), valueFor: ({ isPaid }) => isPaid },
  ];
}

function Value({ children }: { children: string | boolean }): ReactNode {
  const t = useTranslations("pricing.comparison");
  if (typeof children === "string") return children;
  const Icon = children ? Check : Minus;
  return (
    <>
      <Icon aria-hidden className={`mx-auto size-4 ${children ? "text-accent" : "text-muted-foreground"}`} />
      <span className="sr-only">{children ? t("included") : t("notIncluded")}</span>
    </>
  );
}
