import { useLocale, useTranslations } from "next-intl";
import { Card } from "#app/_ui/card.tsx";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { useOfferName, usePlanPrice } from "#app/_ui/plan-features.tsx";
import { changePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import type { ChangePreview } from "#lib/billing/actions/preview-plan-change.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** The price and date of a plan change. The button charges the shown amount or nothing (M20). */
export function ChangeSummary({ preview }: { preview: ChangePreview }) {
  const { from, to, when, takesEffectAt, currency, dueNowMicros, nextPayment, prorationDate } = preview;
  const t = useTranslations("plan");
  const formats = formatsFor(useLocale());
  const offerName = useOfferName();
  const prices = usePlanPrice(addsTax(), currency);
  const acceptedPreview = {
    lookupKey: to.price.lookupKey,
    dueNowMicros: String(dueNowMicros),
    prorationDate: prorationDate.toISOString(),
  };
  return (
    <Card>
      <section aria-labelledby="change" className="flex flex-col gap-5">
        <h2 id="change" className="font-semibold text-lg">
          {from === to
            ? t("keepTitle", { offer: offerName(from) })
            : t("changeTitle", { from: offerName(from), to: offerName(to) })}
        </h2>
        <dl className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-3">
          <SummaryItem label={t("dueNow")}>
            <Money micros={dueNowMicros} currency={currency} />
          </SummaryItem>
          <SummaryItem label={t("takesEffect")}>
            {when === "now" ? t("immediately") : <DateTime at={takesEffectAt} />}
          </SummaryItem>
          <SummaryItem label={t("nextPayment")}>
            {t.rich("nextPaymentOn", {
              amount: () => prices.amount(nextPayment.micros),
              date: () => <DateTime at={nextPayment.at} />,
            })}
          </SummaryItem>
        </dl>
        <p className="text-pretty text-muted-foreground text-sm">
          <Explanation {...preview} />
        </p>
        <div>
          <ActionButton action={changePlanAction} fields={acceptedPreview} className="sm:w-fit">
            {from === to && t("keepTitle", { offer: offerName(from) })}
            {from !== to &&
              (when === "now" && dueNowMicros > 0
                ? t("payAndChange", { amount: formats.amount(dueNowMicros, currency) })
                : t("changeTo", { offer: offerName(to) }))}
          </ActionButton>
        </div>
      </section>
    </Card>
  );
}

function SummaryItem({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex flex-col gap-1">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="font-medium tabular-nums">{children}</dd>
    </div>
  );
}

/** What the change means, in a sentence or two. */
function Explanation({ from, to, when, trial }: ChangePreview) {
  const t = useTranslations("plan");
  if (from === to) return t("keepText");
  if (trial === "ends") return t("trialEnds", { plan: to.plan.name });
  if (trial === "continues") return t("trialContinues");
  if (when === "period_end") return t("periodEnd", { plan: from.plan.name });
  return t(from.interval === to.interval ? "sameInterval" : "otherInterval");
}
