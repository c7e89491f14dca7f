import { Badge } from "#app/_ui/badge.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { GrantExplanation } from "#app/(operator)/_console/grant-explanation.tsx";
import { isOverageKey } from "#lib/billing/catalog/overage-prices.ts";
import type { ExplainedLine } from "#lib/billing/reports/explain-invoice.ts";
import { fromCents } from "#lib/core/money.ts";

/** An invoice line with the grants it caused, or the reason why it caused none. */
export function LineExplanation({ line, path }: { line: ExplainedLine; path: string }) {
  return (
    <li className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 border-b pb-2">
        <div>
          <h2 className="font-semibold">
            {line.description ?? line.lookupKey ?? "A line without a name"}{" "}
            {line.isProration && <Badge variant="secondary">proration</Badge>}
          </h2>
          <p className="text-muted-foreground text-sm">
            <DateTime at={line.periodStart} /> to <DateTime at={line.periodEnd} />
          </p>
        </div>
        <Money micros={fromCents(line.amountCents)} className="font-semibold" />
      </div>
      {line.grants.length === 0 ? (
        <p className="text-muted-foreground text-sm">{noGrantReason(line)}</p>
      ) : (
        line.grants.map((grant) => <GrantExplanation key={grant.id} grant={grant} path={path} />)
      )}
    </li>
  );
}

function noGrantReason({ amountCents, lookupKey, isTax, isDiscount }: ExplainedLine): string {
  if (isTax) return "It is passed on, and no credit goes with it.";
  if (amountCents < 0 && !isDiscount)
    return "It gives back what was paid for time that is not used, and takes no credit.";
  if (isDiscount) return "It lowers what is paid, and the credit stays whole.";
  if (isOverageKey(lookupKey)) return "It was used before it was paid, so no credit goes with it.";
  if (lookupKey === null) return "It is not of our catalogue, so no credit goes with it.";
  return "No credit was given for it so far: an invoice gives its credit once it is paid.";
}
