"use server";

import { z } from "zod";
import { action } from "#app/_http/action.ts";
import { localizeReason } from "#app/_i18n/localize-error.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { finishPayment, payInvoice, readConfirmation } from "#lib/billing/actions/pay-invoice.ts";
import { now } from "#lib/core/clock.ts";

const invoiceId = z.string().max(100);

const acceptedPayment = z.object({
  invoiceId,
  amountMicros: z.number().int().positive(),
  cardLast4: z.string().length(4),
});

export const payInvoiceAction = action(acceptedPayment, (input, identity) =>
  revalidateAfter(() => payInvoice(identity, input, now())),
);

export const readConfirmationAction = action(z.object({ invoiceId }), (input, identity) =>
  revalidateAfter(() => readConfirmation(identity, input.invoiceId)),
);

export const finishPaymentAction = action(z.object({ invoiceId }), (input, identity) =>
  revalidateAfter(async () => {
    const { state, declined } = await finishPayment(identity, input.invoiceId);
    return { state, declined: declined === null ? null : await localizeReason(declined) };
  }),
);
