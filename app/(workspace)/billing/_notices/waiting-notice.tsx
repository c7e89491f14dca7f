import { DateTime } from "#app/_ui/date-time.tsx";
import { PayOrConfirm } from "#app/(workspace)/billing/_invoices/pay-or-confirm.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_notices/billing-notice.tsx";
import { keepPlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { findOffer, offerName } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

type Props = {
  billing: BillingOverview;
  card: CardView | null;
  /** The workspace of somebody who may pay; null for those who may only look. */
  payingWorkspaceId: string | null;
  /** The invoice that somebody has just agreed to pay, about which the bank is asked at once. */
  confirms: string | null;
};

/** What waits: for the bank, or for the period's end. With the way to go on, and to take a change back. */
export function WaitingNotice(props: Props) {
  const { billing, payingWorkspaceId, confirms } = props;
  const { pendingChange, scheduledChange, problem } = billing;
  const keep = payingWorkspaceId !== null && (
    <ActionButton action={keepPlanAction} variant="outline">
      Keep my present plan
    </ActionButton>
  );
  if (pendingChange !== null) {
    const { micros, until } = pendingChange;
    const buttons = (
      <div className="flex flex-wrap gap-2">
        <Confirm {...props} invoice={pendingChange} about="the change of plan" />
        {keep}
      </div>
    );
    return (
      <BillingNotice tone="warning" title="Your bank wants to be asked" action={buttons}>
        Your new plan begins once {formatMoney(micros)} is confirmed. Until then your present plan runs on; on{" "}
        <DateTime at={until} format={{ dateStyle: "medium", timeStyle: "short" }} /> the change is given up.
      </BillingNotice>
    );
  }
  // The banner above every page speaks of it already; here it goes on for somebody who was led here to confirm it.
  if (problem !== null && problem.invoiceId === confirms)
    return (
      <BillingNotice
        tone="warning"
        title="Your bank wants to be asked"
        action={<Confirm {...props} invoice={problem} about="the open invoice" />}
      >
        {formatMoney(problem.micros)} is paid once your bank has confirmed it.
      </BillingNotice>
    );
  const next = findOffer(scheduledChange?.lookupKey ?? null);
  if (scheduledChange === null || next === undefined) return null;
  return (
    <BillingNotice tone="plain" title={`${offerName(next)} comes next`} action={keep}>
      You keep what you have until <DateTime at={scheduledChange.at} />. From then on it is {offerName(next)},{" "}
      {formatMoney(fromCents(next.price.cents))}
      {plusTax()} a {next.interval}.
    </BillingNotice>
  );
}

type Owed = { invoiceId: string; micros: number };

function Confirm({
  card,
  payingWorkspaceId,
  confirms,
  invoice,
  about,
}: Props & { invoice: Owed; about: string }) {
  if (payingWorkspaceId === null) return null;
  return (
    <PayOrConfirm
      workspaceId={payingWorkspaceId}
      invoiceId={invoice.invoiceId}
      about={about}
      amountMicros={invoice.micros}
      card={card}
      startsAtOnce={confirms === invoice.invoiceId}
    />
  );
}
