import type Stripe from "stripe";
import { ask, askFor, isRefused, stripe, stripeErrorOf } from "#lib/gateways/stripe-client.ts";
import type { StripeAddress } from "#lib/gateways/stripe-customers.ts";

/** Sets whom a customer's invoices are made out to. @returns false when Stripe does not take it */
export async function putAddressee(
  customerId: string,
  { name, address }: { name: string; address: StripeAddress },
): Promise<boolean> {
  const { line1, line2, city, state, postalCode, country } = address;
  // An empty text takes back what stood there before.
  const sent = {
    line1: line1 ?? "",
    line2: line2 ?? "",
    city: city ?? "",
    state: state ?? "",
    postal_code: postalCode ?? "",
    country: country ?? "",
  };
  try {
    await ask(() => stripe().customers.update(customerId, { name, address: sent }));
    return true;
  } catch (error) {
    if (!isRefused(error)) throw error;
    return false;
  }
}

/** Adds a tax id. @returns its id; null when Stripe says that this can be no such number */
export async function addTaxId(
  customerId: string,
  type: Stripe.CustomerCreateTaxIdParams.Type,
  value: string,
): Promise<string | null> {
  try {
    return (await ask(() => stripe().customers.createTaxId(customerId, { type, value }))).id;
  } catch (error) {
    if (stripeErrorOf(error)?.code === "tax_id_invalid") return null;
    throw error;
  }
}

/** Removes a tax id; one that is gone already is no error. */
export async function removeTaxId(customerId: string, id: string): Promise<void> {
  await askFor(() => stripe().customers.deleteTaxId(customerId, id));
}
