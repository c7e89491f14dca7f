"use server";

import { z } from "zod";
import { formAction } from "#app/_http/action.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { deleteTaxId, saveInvoiceRecipient, saveTaxId } from "#lib/billing/actions/billing-details.ts";
import { isCountry } from "#lib/billing/catalog/countries.ts";
import { isTaxIdType } from "#lib/billing/catalog/tax-id-types.ts";
import { now } from "#lib/core/clock.ts";

const optionalLine = z
  .string()
  .trim()
  .max(200, "This is too long.")
  .transform((text) => (text === "" ? null : text));

const billingAddress = z.object({
  name: z.string().trim().min(1, "Say whom invoices are made out to.").max(150, "This is too long."),
  line1: z.string().trim().min(1, "Say street and number.").max(200, "This is too long."),
  line2: optionalLine,
  city: optionalLine,
  state: optionalLine,
  postalCode: optionalLine,
  country: z.string().refine(isCountry, "Choose a country."),
});

export const saveBillingAddressAction = formAction(billingAddress, ({ name, ...address }, identity) =>
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
