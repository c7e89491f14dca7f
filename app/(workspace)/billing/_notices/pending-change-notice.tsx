import { useLocale, useTranslations } from "next-intl";
import { DateTime } from "#app/_ui/formats/date-time.tsx";
import { useOfferName, usePlanPrice } from "#app/_ui/plan-features.tsx";
import { PayOrConfirm } from "#app/(workspace)/billing/_invoices/pay-or-confirm.tsx";
import { keepPlanAction } from "#app/(workspace)/billing/_plan/plan-actions.ts";
import { ActionButton } from "#app/(workspace)/billing/_shared/action-button.tsx";
import { BillingNotice } from "#app/(workspace)/billing/_shared/billing-notice.tsx";
import { findOffer } from "#lib/billing/catalog/plans.ts";
import { addsTax } from "#lib/billing/catalog/plus-tax.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";
import { formatsFor } from "#lib/core/formats.ts";
import { fromCents } from "#lib/core/money.ts";

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
  const t = useTranslations("billing.pending");
  const formats = formatsFor(useLocale());
  const offerName = useOfferName();
  const prices = usePlanPrice(addsTax());
  const { billing, payingWorkspaceId, confirmInvoiceId } = props;
  const { pendingChange, scheduledChange, problem } = billing;
  const keep = payingWorkspaceId !== null && (
    <ActionButton action={keepPlanAction} variant="outline">
      {t("keep")}
    </ActionButton>
  );
  if (pendingChange !== null) {
    const { micros, currency, until } = pendingChange;
    const buttons = (
      <div className="flex flex-wrap gap-2">
        <ConfirmButton {...props} invoice={pendingChange} about={t("changeSubject")} />
        {keep}
      </div>
    );
    return (
      <BillingNotice tone="warning" title={t("confirmTitle")} action={buttons}>
        {t.rich("change", {
          amount: formats.amount(micros, currency),
          date: () => <DateTime at={until} format={{ dateStyle: "medium", timeStyle: "short" }} />,
        })}
      </BillingNotice>
    );
  }
  // The payment banner links here with ?confirm= to continue the confirmation.
  if (problem !== null && problem.invoiceId === confirmInvoiceId)
    return (
      <BillingNotice
        tone="warning"
        title={t("confirmTitle")}
        action={<ConfirmButton {...props} invoice={problem} about={t("invoiceSubject")} />}
      >
        {t("invoice", { amount: formats.amount(problem.micros, problem.currency) })}
      </BillingNotice>
    );
  const next = findOffer(scheduledChange?.lookupKey ?? null);
  if (scheduledChange === null || next === undefined) return null;
  return (
    <BillingNotice tone="plain" title={t("nextTitle", { offer: offerName(next) })} action={keep}>
      {t.rich("next", {
        date: () => <DateTime at={scheduledChange.at} />,
        offer: offerName(next),
        price: prices.recurring(fromCents(next.price.cents), next.interval),
      })}
    </BillingNotice>
  );
}

type OpenInvoice = { invoiceId: string; micros: number; currency: string };

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
      currency={invoice.currency}
      card={card}
      autoStart={confirmInvoiceId === invoice.invoiceId}
    />
  );
}
