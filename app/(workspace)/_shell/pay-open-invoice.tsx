import { PayOrConfirm } from "#app/(workspace)/billing/_invoices/pay-or-confirm.tsx";
import { db } from "#db/client.ts";
import type { Identity } from "#lib/accounts/sessions.ts";
import type { BillingOverview } from "#lib/billing/reports/billing-overview.ts";
import { readPaymentDetails } from "#lib/billing/reports/payment-details.ts";
import { now } from "#lib/core/clock.ts";

type Props = { problem: NonNullable<BillingOverview["problem"]>; identity: Identity };

/** The button that pays or confirms an invoice that could not be collected. */
export async function PayOpenInvoice({ problem, identity }: Props) {
  const { workspaceId } = identity;
  const { card } = await readPaymentDetails(db(), workspaceId, now());
  return (
    <PayOrConfirm
      workspaceId={workspaceId}
      invoiceId={problem.invoiceId}
      about="the open invoice"
      amountMicros={problem.micros}
      card={card}
      size="sm"
    />
  );
}
