import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { Money } from "#app/_ui/formats/money.tsx";
import { choosePlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import { proTrial, trialEndsAtOf } from "#lib/billing/catalog/trial-offer.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

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
  const { plan } = proTrial.offer;
  const button = (
    <ActionButton action={choosePlanAction} fields={{ lookupKey: proTrial.lookupKey }}>
      Try {plan.name} for {proTrial.days} days
    </ActionButton>
  );
  return (
    <BillingNotice
      tone="plain"
      title={`${plan.name} is yours to try for ${proTrial.days} days`}
      action={button}
    >
      <TrialTerms at={at} />
    </BillingNotice>
  );
}

/** The trial's credit, its end and the first charge. */
export function TrialTerms({ at }: { at: Date }) {
  const { offer, creditMicros } = proTrial;
  return (
    <>
      {formatWholeDollars(creditMicros)} of credit, a card is needed, and nothing is charged today. On{" "}
      <DateTime at={trialEndsAtOf(at)} /> the first month is charged,{" "}
      <Money micros={fromCents(offer.price.cents)} />
      {plusTax()}. Cancel before that day and pay nothing.
    </>
  );
}

function RunningTrial({ billing: { nextPayment, subscription, entitlements }, at }: Props) {
  const endsAt = entitlements.endsAt ?? subscription?.periodEndsAt ?? at;
  const title = daysLeftText(endsAt, at);
  if (nextPayment === null)
    return (
      <BillingNotice tone="plain" title={title}>
        It ends on <DateTime at={endsAt} />, and nothing is charged. Until then you can change your mind.
      </BillingNotice>
    );
  return (
    <BillingNotice tone="plain" title={title}>
      On <DateTime at={nextPayment.at} /> your card is charged <Money micros={nextPayment.micros} />
      {plusTax()}, and the plan's own credit comes. If you cancel before that day, nothing is charged.
    </BillingNotice>
  );
}

function RejectedTrial({ canManage }: { canManage: boolean }) {
  const { plan, price, interval } = proTrial.offer;
  const button = canManage && (
    <ActionButton action={choosePlanAction} fields={{ lookupKey: price.lookupKey }}>
      Choose {plan.name}
    </ActionButton>
  );
  return (
    <BillingNotice tone="warning" title="Your trial could not begin" action={button}>
      Each card and each address can have one trial, and one of yours has had it. Nothing was charged. You can
      choose {plan.name} for <Money micros={fromCents(price.cents)} /> a {interval}, paid at once.
    </BillingNotice>
  );
}

function daysLeftText(endsAt: Date, at: Date): string {
  const days = Math.ceil((endsAt.getTime() - at.getTime()) / 86_400_000);
  if (days <= 0) return "Your trial ends now";
  return days === 1 ? "1 day of your trial is left" : `${days} days of your trial are left`;
}

function formatWholeDollars(micros: number): string {
  return formatMoney(micros).replace(/\.00$/, "");
}
