import { useLocale, useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { usePlanPrice } from "#app/_ui/plan-features.tsx";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial, trialEndsAtOf } from "#lib/billing/catalog/trial-offer.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

type Props = { billing: BillingOverview; canManage: boolean; at: Date };

/** How long a rejected trial is shown. */
const rejectionShownMs = 3 * 86_400_000;

/** The trial (M11): the offer, the running trial, or why it was rejected. */
export function TrialCard(props: Props) {
  const { trial, entitlements, subscription } = props.billing;
  if (entitlements.source === "trial") return <RunningTrial {...props} />;
  if (subscription !== null) return null;
  if (trial.kind === "open" && props.canManage) return <TrialOffer at={props.at} />;
  const isRecent = trial.kind === "refused" && props.at.getTime() - trial.at.getTime() < rejectionShownMs;
  return isRecent ? <RejectedTrial canManage={props.canManage} /> : null;
}

function TrialOffer({ at }: { at: Date }) {
  const t = useTranslations("billing.trial");
  const { plan } = proTrial.offer;
  const button = (
    <ActionButton action={choosePlanAction} fields={{ lookupKey: proTrial.lookupKey }}>
      {t("offerAction")}
    </ActionButton>
  );
  return (
    <BillingNotice
      tone="plain"
      title={t("offerTitle", { plan: plan.name, days: proTrial.days })}
      action={button}
    >
      <TrialTerms at={at} />
    </BillingNotice>
  );
}

/** The trial's credit, its end and the first charge. */
export function TrialTerms({ at }: { at: Date }) {
  const t = useTranslations("billing.trial");
  const formats = formatsFor(useLocale());
  const price = usePlanPrice(addsTax());
  const { offer, creditMicros } = proTrial;
  return t.rich("terms", {
    credit: formats.price(creditMicros),
    price: price.amount(fromCents(offer.price.cents)),
    date: () => <DateTime at={trialEndsAtOf(at)} />,
  });
}

function RunningTrial({ billing: { nextPayment, subscription, entitlements }, at }: Props) {
  const t = useTranslations("billing.trial");
  const price = usePlanPrice(addsTax());
  const endsAt = entitlements.endsAt ?? subscription?.periodEndsAt ?? at;
  return (
    <BillingNotice tone="plain" title={t("daysLeft", { days: daysLeft(endsAt, at) })}>
      {nextPayment === null
        ? t.rich("endsFree", { date: () => <DateTime at={endsAt} /> })
        : t.rich("continues", {
            date: () => <DateTime at={nextPayment.at} />,
            price: price.amount(nextPayment.micros),
          })}
    </BillingNotice>
  );
}

function RejectedTrial({ canManage }: { canManage: boolean }) {
  const t = useTranslations("billing.trial");
  const prices = usePlanPrice(addsTax());
  const { plan, price, interval } = proTrial.offer;
  const button = canManage && (
    <ActionButton action={choosePlanAction} fields={{ lookupKey: price.lookupKey }}>
      {t("choose", { plan: plan.name })}
    </ActionButton>
  );
  return (
    <BillingNotice tone="warning" title={t("rejectedTitle")} action={button}>
      {t("rejected", { plan: plan.name, price: prices.recurring(fromCents(price.cents), interval) })}
    </BillingNotice>
  );
}

/** Returns the started days until the trial ends, at least 0. */
function daysLeft(endsAt: Date, at: Date): number {
  return Math.max(0, Math.ceil((endsAt.getTime() - at.getTime()) / 86_400_000));
}
