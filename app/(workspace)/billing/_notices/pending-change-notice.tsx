import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { PayOrConfirm } from "#app/(workspace)/billing/_invoices/pay-or-confirm.tsx";
import { keepPlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { findOffer, offerName } from "#lib/billing/catalog/plans.ts";
import { plusTax } from "#lib/billing/catalog/plus-tax.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";
import { formatMoney, fromCents } from "#lib/core/money.ts";

type Props = {
  billing: BillingOverview;
  card: CardView | null;
  /** Null if the user may not pay. */
  payingWorkspaceId: string | null;
  /** The invoice whose confirmation starts without a click. */
  confirmInvoiceId: string | null;
};

/** A change that waits for the bank or for the period's end, with buttons to confirm or undo it. */
export function PendingChangeNotice(props: Props) {
  const { billing, payingWorkspaceId, confirmInvoiceId } = props;
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
        <ConfirmButton {...props} invoice={pendingChange} about="the change of plan" />
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
  // The payment banner links here with ?confirm= to continue the confirmation.
  if (problem !== null && problem.invoiceId === confirmInvoiceId)
    return (
      <BillingNotice
        tone="warning"
        title="Your bank wants to be asked"
        action={<ConfirmButton {...props} invoice={problem} about="the open invoice" />}
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

type OpenInvoice = { invoiceId: string; micros: number };

function ConfirmButton({
  card,
  payingWorkspaceId,
  confirmInvoiceId,
  invoice,
  about,
}: Props & { invoice: OpenInvoice; about: string }) {
  if (payingWorkspaceId === null) return null;
  return (
    <PayOrConfirm
      workspaceId={payingWorkspaceId}
      invoiceId={invoice.invoiceId}
      about={about}
      amountMicros={invoice.micros}
      card={card}
      autoStart={confirmInvoiceId === invoice.invoiceId}
    />
  );
}
