import { useTranslations } from "next-intl";
import type { Messages } from "#app/_messages/catalogs.ts";
import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { GrantExplanation } from "#app/(operator)/_console/grant-explanation.tsx";
import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import type { ExplainedLine } from "#lib/billing/reports/explain-invoice.ts";
import { fromCents } from "#lib/core/money.ts";

/** An invoice line with the grants it caused, or the reason why it caused none. */
export function LineExplanation({ line, path }: { line: ExplainedLine; path: string }) {
  const t = useTranslations("operator.invoice");
  return (
    <li className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 border-b pb-2">
        <div>
          <h2 className="font-semibold">
            {line.description ?? line.lookupKey ?? t("unnamedLine")}{" "}
            {line.isProration && <Badge variant="secondary">{t("proration")}</Badge>}
          </h2>
          <p className="text-muted-foreground text-sm">
            {t.rich("period", {
              from: () => <DateTime at={line.periodStart} />,
              to: () => <DateTime at={line.periodEnd} />,
            })}
          </p>
        </div>
        <Money micros={fromCents(line.amountCents)} className="font-semibold" />
      </div>
      {line.grants.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t(`noGrant.${noGrantReason(line)}`)}</p>
      ) : (
        line.grants.map((grant) => <GrantExplanation key={grant.id} grant={grant} path={path} />)
      )}
    </li>
  );
}

function noGrantReason({
  amountCents,
  lookupKey,
  isTax,
  isDiscount,
}: ExplainedLine): keyof Messages["operator"]["invoice"]["noGrant"] {
  if (isTax) return "tax";
  if (amountCents < 0 && !isDiscount) return "unusedTime";
  if (isDiscount) return "discount";
  if (isOverageKey(lookupKey)) return "overage";
  if (lookupKey === null) return "foreign";
  return "unpaid";
}
