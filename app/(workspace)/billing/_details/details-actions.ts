"use server";

import { z } from "zod";
import { formAction } from "#app/_http/action.ts";
import { revalidateAfter } from "#app/(workspace)/billing/_shared/revalidate-after.ts";
import { deleteTaxId, saveInvoiceRecipient, saveTaxId } from "#lib/billing/actions/billing-details.ts";
import { isCountry } from "#lib/billing/catalog/countries.ts";
import { isTaxIdType } from "#lib/billing/catalog/tax-id-types.ts";
import { now } from "#lib/core/clock.ts";
import { fieldKey } from "#lib/core/errors.ts";

const optionalLine = z
  .string()
  .trim()
  .max(200)
  .transform((text) => (text === "" ? null : text));

const billingAddress = z.object({
  name: z.string().trim().min(1, fieldKey("invoiceNameMissing")).max(150),
  line1: z.string().trim().min(1, fieldKey("streetMissing")).max(200),
  line2: optionalLine,
  city: optionalLine,
  state: optionalLine,
  postalCode: optionalLine,
  country: z.string().refine(isCountry, fieldKey("countryMissing")),
});

export const saveBillingAddressAction = formAction(billingAddress, ({ name, ...address }, identity) =>
  revalidateAfter(() => saveInvoiceRecipient(identity, { name, address }, now())),
);

const taxId = z.object({
  type: z.string().refine(isTaxIdType, fieldKey("taxIdTypeMissing")),
  value: z.string().trim().min(1, fieldKey("taxIdMissing")).max(40),
});

export const saveTaxIdAction = formAction(taxId, ({ type, value }, identity) =>
  revalidateAfter(async () => {
    if (isTaxIdType(type)) await saveTaxId(identity, type, value, now());
  }),
);

export const deleteTaxIdAction = formAction(z.object({ id: z.string().max(100) }), ({ id }, identity) =>
  revalidateAfter(() => deleteTaxId(identity, id, now())),
);
