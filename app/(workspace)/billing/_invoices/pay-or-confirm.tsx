import { type ComponentProps, Suspense } from "react";
import { PayInvoiceButton } from "#app/(workspace)/billing/_invoices/pay-invoice-button.tsx";
import { readStanding } from "#lib/billing/actions/pay-invoice.ts";
import { AppError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

type Props = Omit<ComponentProps<typeof PayInvoiceButton>, "waitsForBank"> & { workspaceId: string };

/**
 * The button for an invoice that could not be collected: to pay it, or only to confirm it where the bank waits to be asked.
 * Which of them is known to Stripe alone and can change at any moment, so it is asked, without keeping the page waiting.
 */
export function PayOrConfirm({ workspaceId, ...props }: Props) {
  return (
    <Suspense fallback={<PayInvoiceButton {...props} startsAtOnce={false} />}>
      <Asked workspaceId={workspaceId} {...props} />
    </Suspense>
  );
}

async function Asked({ workspaceId, ...props }: Props) {
  return <PayInvoiceButton {...props} waitsForBank={await waitsForBank(workspaceId, props.invoiceId)} />;
}

/** Where Stripe cannot be reached, paying is offered: it leads to the bank as well. */
async function waitsForBank(workspaceId: string, invoiceId: string): Promise<boolean> {
  try {
    return (await readStanding(workspaceId, invoiceId)).state === "confirm";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log[error.level]({ err: error }, "Whether a payment waits for the bank could not be asked");
    return false;
  }
}
