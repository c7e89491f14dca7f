import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { BalanceAmount, Money } from "#app/_ui/formats/money.tsx";
import { addCreditAction } from "#app/(workspace)/billing/_credit/credit-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { topUps } from "#lib/billing/catalog/plans.ts";
import type { OverageStatus } from "#lib/billing/credit/overage-status.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatsFor } from "#lib/core/formats.ts";

type Props = { billing: BillingOverview; overage: OverageStatus; canManage: boolean };

/** The used part of the month's credit, the renewal date and the top-up buttons. */
export function MonthlyCredit({ billing, overage, canManage }: Props) {
  const t = useTranslations("billing.credit");
  const { credit } = billing;
  const { enabled, capMicros, period } = overage;
  // Overage counts as available credit, but has its own card.
  const overageLeftMicros = enabled ? Math.max(0, capMicros - (period?.usedMicros ?? 0)) : 0;
  const usedMicros = credit.amountMicros - credit.remainingMicros;
  const leftMicros = Math.max(0, credit.availableMicros - overageLeftMicros);
  const share = credit.amountMicros === 0 ? 0 : usedMicros / credit.amountMicros;
  return (
    <section aria-labelledby="allowance" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <h2 id="allowance" className="font-semibold">
          {t("title")}
        </h2>
        <p className="text-muted-foreground text-sm">
          {t.rich("used", {
            used: () => <Money micros={usedMicros} className="text-foreground" />,
            total: () => <Money micros={credit.amountMicros} />,
          })}
        </p>
      </div>
      <meter className="sr-only" min={0} max={1} value={share} aria-label={t("meter")} />
      <div aria-hidden className="h-2 overflow-hidden rounded-full bg-muted">
        <div
          className={share >= 0.8 ? "h-full rounded-full bg-warning" : "h-full rounded-full bg-accent"}
          style={{ width: `${Math.min(100, share * 100)}%` }}
        />
      </div>
      <p className="text-muted-foreground text-sm">
        {t.rich(overageLeftMicros > 0 ? "leftWithOverage" : "left", {
          amount: () => <BalanceAmount micros={leftMicros} className="text-foreground" />,
          overage: () => <BalanceAmount micros={overageLeftMicros} className="text-foreground" />,
        })}{" "}
        <Renewal billing={billing} />{" "}
        <Link href="/usage" className="text-accent underline underline-offset-4">
          {t("usageLink")}
        </Link>
      </p>
      {canManage && <AddCredit />}
    </section>
  );
}

/** When credit renews and what expires then, or what the next credit waits for. */
function Renewal({ billing }: Pick<Props, "billing">) {
  const t = useTranslations("billing.credit");
  const { renewsAt, beside } = billing.credit;
  const { creditWait, nextPayment } = billing;
  if (creditWait === "paused") return t("paused");
  if (creditWait === "charge") return t("renewing");
  if (creditWait === "invoice") return t("afterPayment");
  if (creditWait === "next_payment" && nextPayment !== null)
    return t.rich("withNextPayment", { date: () => <DateTime at={nextPayment.at} /> });
  if (renewsAt === null) return null;
  const date = () => <DateTime at={renewsAt} />;
  if (beside === null) return t.rich("renews", { date });
  return t.rich("renewsWithOtherCredit", {
    date,
    amount: () => <BalanceAmount micros={beside.remainingMicros} />,
    until: () => <DateTime at={beside.expiresAt} />,
  });
}

/** A button per top-up; each opens Stripe Checkout. */
function AddCredit() {
  const t = useTranslations("billing.credit");
  const formats = formatsFor(useLocale());
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-3">
      <p id="top-up" className="text-sm">
        {t("topUp")} <span className="block text-muted-foreground">{t("topUpNote")}</span>
      </p>
      <div className="flex flex-wrap gap-2">
        {topUps.map(({ price, creditMicros }) => (
          <ActionButton
            key={price.lookupKey}
            action={addCreditAction}
            fields={{ lookupKey: price.lookupKey }}
            variant="outline"
          >
            {formats.price(creditMicros)}
          </ActionButton>
        ))}
      </div>
    </div>
  );
}
