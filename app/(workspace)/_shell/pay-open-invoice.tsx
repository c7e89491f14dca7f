import { getTranslations } from "next-intl/server";
import { loadPaymentDetails } from "#app/_http/request-facts.ts";
import { PayOrConfirm } from "#app/(workspace)/billing/_invoices/pay-or-confirm.tsx";
import type { Identity } from "#lib/accounts/sessions.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";

type Props = { problem: NonNullable<BillingOverview["problem"]>; identity: Identity };

/** The button that pays or confirms an invoice that could not be collected. */
export async function PayOpenInvoice({ problem, identity }: Props) {
  const [{ card }, t] = await Promise.all([loadPaymentDetails(identity), getTranslations("shell.payment")]);
  return (
    <PayOrConfirm
      workspaceId={identity.workspaceId}
      invoiceId={problem.invoiceId}
      about={t("openInvoice")}
      amountMicros={problem.micros}
      currency={problem.currency}
      card={card}
      size="sm"
    />
  );
}
