import type Stripe from "stripe";
import {
  callStripe,
  callStripeOrNull,
  isRefused,
  stripe,
  stripeErrorOf,
} from "#lib/gateways/stripe/client.ts";
import type { StripeAddress } from "#lib/gateways/stripe/customers.ts";

/** Sets the name and address on a customer's invoices. @returns false when Stripe rejects them */
export async function updateInvoiceRecipient(
  customerId: string,
  { name, address }: { name: string; address: StripeAddress },
): Promise<boolean> {
  const { line1, line2, city, state, postalCode, country } = address;
  // An empty string removes the previous value.
  const params = {
    line1: line1 ?? "",
    line2: line2 ?? "",
    city: city ?? "",
    state: state ?? "",
    postal_code: postalCode ?? "",
    country: country ?? "",
  };
  try {
    await callStripe(() => stripe().customers.update(customerId, { name, address: params }));
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return false;
  }
}

/** Adds a tax id and returns its Stripe id; null when Stripe says that the number is invalid. */
export async function addTaxId(
  customerId: string,
  type: Stripe.CustomerCreateTaxIdParams.Type,
  value: string,
): Promise<string | null> {
  try {
    return (await callStripe(() => stripe().customers.createTaxId(customerId, { type, value }))).id;
  } catch (error) {
    if (stripeErrorOf(error)?.code === "tax_id_invalid") return null;
    throw error;
  }
}

/** Removes a tax id. Idempotent. */
export async function removeTaxId(customerId: string, id: string): Promise<void> {
  await callStripeOrNull(() => stripe().customers.deleteTaxId(customerId, id));
}
