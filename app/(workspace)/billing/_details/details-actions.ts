"use server";

import { z } from "zod";
import { action, formAction } from "#app/_http/action.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { deleteTaxId, saveInvoiceRecipient, saveTaxId } from "#lib/billing/actions/billing-details.ts";
import { finishCardChange, startCardChange } from "#lib/billing/actions/change-card.ts";
import { finishPayment, payInvoice, readConfirmation } from "#lib/billing/actions/pay-invoice.ts";
import { isCountry } from "#lib/billing/catalog/countries.ts";
import { isTaxIdType } from "#lib/billing/catalog/tax-id-types.ts";
import { now } from "#lib/core/clock.ts";

const nothing = z.object({});
const invoiceId = z.string().max(100);

export const startCardChangeAction = action(nothing, (_input, identity) => startCardChange(identity));

export const finishCardChangeAction = action(nothing, (_input, identity) =>
  revalidateAfter(() => finishCardChange(identity)),
);

const paymentAgreement = z.object({
  invoiceId,
  amountMicros: z.number().int().positive(),
  cardLast4: z.string().length(4),
});

export const payInvoiceAction = action(paymentAgreement, (input, identity) =>
  revalidateAfter(() => payInvoice(identity, input, now())),
);

export const readConfirmationAction = action(z.object({ invoiceId }), (input, identity) =>
  revalidateAfter(() => readConfirmation(identity, input.invoiceId)),
);

export const finishPaymentAction = action(z.object({ invoiceId }), (input, identity) =>
  revalidateAfter(() => finishPayment(identity, input.invoiceId)),
);

const line = z
  .string()
  .trim()
  .max(200, "This is too long.")
  .transform((text) => (text === "" ? null : text));

const addressee = z.object({
  name: z.string().trim().min(1, "Say whom invoices are made out to.").max(150, "This is too long."),
  line1: z.string().trim().min(1, "Say street and number.").max(200, "This is too long."),
  line2: line,
  city: line,
  state: line,
  postalCode: line,
  country: z.string().refine(isCountry, "Choose a country."),
});

export const saveBillingAddressAction = formAction(addressee, ({ name, ...address }, identity) =>
  revalidateAfter(() => saveInvoiceRecipient(identity, { name, address }, now())),
);

const taxId = z.object({
  type: z.string().refine(isTaxIdType, "Choose what kind of number it is."),
  value: z.string().trim().min(1, "Write the number.").max(40, "This is too long."),
});

export const saveTaxIdAction = formAction(taxId, ({ type, value }, identity) =>
  revalidateAfter(async () => {
    if (isTaxIdType(type)) await saveTaxId(identity, type, value, now());
  }),
);

export const deleteTaxIdAction = formAction(z.object({ id: z.string().max(100) }), ({ id }, identity) =>
  revalidateAfter(() => deleteTaxId(identity, id, now())),
);
