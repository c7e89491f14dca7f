import { type ComponentProps, Suspense } from "react";
import { PayInvoiceButton } from "#app/(workspace)/billing/_invoices/pay-invoice-button.tsx";
import { readPaymentStatus } from "#lib/billing/actions/pay-invoice.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

type Props = Omit<ComponentProps<typeof PayInvoiceButton>, "waitsForBank"> & { workspaceId: string };

/**
 * The button for an open invoice: to pay it, or to confirm a payment that waits for the bank. Only Stripe
 * knows which, so the button streams in after the page.
 */
export function PayOrConfirm({ workspaceId, ...props }: Props) {
  return (
    <Suspense fallback={<PayInvoiceButton {...props} autoStart={false} />}>
      <LoadedButton workspaceId={workspaceId} {...props} />
    </Suspense>
  );
}

async function LoadedButton({ workspaceId, ...props }: Props) {
  return (
    <PayInvoiceButton {...props} needsConfirmation={await needsConfirmation(workspaceId, props.invoiceId)} />
  );
}

/**
 * Whether the payment needs the bank's confirmation. False if Stripe is unreachable: paying also leads to the
 * bank.
 */
async function needsConfirmation(workspaceId: string, invoiceId: string): Promise<boolean> {
  try {
    return (await readPaymentStatus(workspaceId, invoiceId)).state === "confirm";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log[error.level]({ err: error }, "reading the payment's confirmation state from Stripe failed");
    return false;
  }
}
