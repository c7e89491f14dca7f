import Link from "next/link";
import { Card } from "#app/_ui/card.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { addCreditAction } from "#app/(workspace)/billing/_credit/credit-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { topUps } from "#lib/billing/catalog/plans.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatMoney } from "#lib/core/money.ts";

type Props = { billing: BillingOverview; overage: OverageStatus; canManage: boolean };

/** The used part of the month's credit, the renewal date and the top-up buttons. */
export function MonthlyCreditCard({ billing, overage, canManage }: Props) {
  const { credit } = billing;
  const { enabled, capMicros, period } = overage;
  // Overage counts as available credit, but has its own card.
  const overageLeftMicros = enabled ? Math.max(0, capMicros - (period?.usedMicros ?? 0)) : 0;
  const usedMicros = credit.amountMicros - credit.remainingMicros;
  const share = credit.amountMicros === 0 ? 0 : usedMicros / credit.amountMicros;
  return (
    <Card>
      <section aria-labelledby="allowance" className="flex flex-col gap-4">
        <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
          <h2 id="allowance" className="font-semibold">
            Credit this month
          </h2>
          <p className="text-muted-foreground text-sm">
            <Money micros={usedMicros} className="text-foreground" /> of{" "}
            <Money micros={credit.amountMicros} /> used
          </p>
        </div>
        <meter
          className="sr-only"
          min={0}
          max={1}
          value={share}
          aria-label="Share of this month's credit that is used"
        />
        <div aria-hidden className="h-2 overflow-hidden rounded-full bg-muted">
          <div
            className={share >= 0.8 ? "h-full rounded-full bg-warning" : "h-full rounded-full bg-accent"}
            style={{ width: `${Math.min(100, share * 100)}%` }}
          />
        </div>
        <p className="text-muted-foreground text-sm">
          <Money
            micros={Math.max(0, credit.availableMicros - overageLeftMicros)}
            className="text-foreground"
          />{" "}
          of credit is left
          {overageLeftMicros > 0 && (
            <>
              , and <Money micros={overageLeftMicros} className="text-foreground" /> may be used beyond it
            </>
          )}
          . <Renewal billing={billing} />{" "}
          <Link href="/usage" className="text-accent underline underline-offset-4">
            See what was used
          </Link>
        </p>
        {canManage && <AddCredit />}
      </section>
    </Card>
  );
}

/** When credit renews, and what expires then. */
function Renewal({ billing: { credit, entitlements } }: Pick<Props, "billing">) {
  const { renewsAt, beside } = credit;
  if (entitlements.source === "grace")
    return "The month's credit comes once the open payment is made; until then this is to go on with.";
  if (renewsAt === null)
    return "This month's credit comes with its payment, usually within the hour; until then this is to go on with.";
  return (
    <>
      New credit comes on <DateTime at={renewsAt} />; what is left of this month's then expires
      {beside !== null && (
        <>
          , while <Money micros={beside.remainingMicros} /> stay until <DateTime at={beside.expiresAt} />
        </>
      )}
      .
    </>
  );
}

/** A button per top-up; each opens Stripe Checkout. */
function AddCredit() {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-3 border-t pt-5">
      <p className="grow text-sm">
        Add credit{" "}
        <span className="text-muted-foreground">used after this month's, good for twelve months</span>
      </p>
      <div className="flex flex-wrap gap-2">
        {topUps.map(({ price, creditMicros }) => (
          <ActionButton
            key={price.lookupKey}
            action={addCreditAction}
            fields={{ lookupKey: price.lookupKey }}
            variant="outline"
          >
            {formatMoney(creditMicros).replace(/\.00$/, "")}
          </ActionButton>
        ))}
      </div>
    </div>
  );
}
