import type Stripe from "stripe";
import { type StripeCard, toCard } from "#lib/gateways/stripe/card.ts";
import { callStripe, callStripeOrNull, stripe } from "#lib/gateways/stripe/client.ts";

/** A postal address; the country is ISO 3166-1 alpha-2. */
export type StripeAddress = {
  line1: string | null;
  line2: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  country: string | null;
};

/** A customer's default card and billing details. */
export type StripeCustomer = {
  /** The card that is charged when a subscription has no card of its own. */
  card: StripeCard | null;
  name: string | null;
  address: StripeAddress | null;
  /** The type is Stripe's ("eu_vat"). */
  taxIds: { id: string; type: string; value: string }[];
  /** ISO 4217; Stripe sells to a customer in one currency only. Null before the first purchase. */
  currency: string | null;
  /** The newest card choice that was applied, from our metadata. */
  cardChoice: string | null;
  /** The languages of invoices and receipts (BCP 47), best first. */
  preferredLocales: string[];
};

/** Reads a customer in one call; null when the customer was deleted or does not exist at Stripe. */
export async function findCustomer(customerId: string): Promise<StripeCustomer | null> {
  const expand = ["invoice_settings.default_payment_method", "tax_ids"];
  const customer = await callStripeOrNull(() => stripe().customers.retrieve(customerId, { expand }));
  if (customer === null || customer.deleted === true) return null;
  return {
    card: toCard(customer.invoice_settings.default_payment_method),
    name: customer.name ?? null,
    address: customer.address == null ? null : toAddress(customer.address),
    taxIds: (customer.tax_ids?.data ?? []).map(({ id, type, value }) => ({ id, type, value })),
    currency: customer.currency ?? null,
    cardChoice: customer.metadata.card_choice ?? null,
    preferredLocales: customer.preferred_locales ?? [],
  };
}

function toAddress({ line1, line2, city, state, postal_code, country }: Stripe.Address): StripeAddress {
  return { line1, line2, city, state, postalCode: postal_code, country };
}

/**
 * Creates a customer that names its workspace, and returns its id. The same idempotency key returns the same
 * customer, so the parameters contain nothing that may change between two attempts.
 */
export async function createCustomer(workspaceId: string, idempotencyKey: string): Promise<string> {
  const metadata = { workspace_id: workspaceId };
  const created = await callStripe(() => stripe().customers.create({ metadata }, { idempotencyKey }));
  return created.id;
}

/** Sets the name and email that Stripe shows and writes to, and in which language. Idempotent. */
export async function updateContact(
  customerId: string,
  { email, name, locale }: { email: string; name: string; locale: string },
): Promise<void> {
  await callStripe(() => stripe().customers.update(customerId, { email, name, preferred_locales: [locale] }));
}

/** Sets the language of a customer's invoices and receipts. Idempotent. */
export async function updateLocale(customerId: string, locale: string): Promise<void> {
  await callStripe(() => stripe().customers.update(customerId, { preferred_locales: [locale] }));
}

/** Sums what administrators debited a customer's balance by, in cents; 0 for a deleted customer. */
export async function sumBalanceDebits(customerId: string): Promise<number> {
  const sum = await callStripeOrNull(async () => {
    let cents = 0;
    for await (const { type, amount } of stripe().customers.listBalanceTransactions(customerId, {
      limit: 100,
    }))
      if (type === "adjustment" && amount > 0) cents += amount;
    return cents;
  });
  return sum ?? 0;
}

/** Whether a customer exists at Stripe and is not deleted. */
export async function customerExists(customerId: string): Promise<boolean> {
  const customer = await callStripeOrNull(() => stripe().customers.retrieve(customerId));
  return customer !== null && customer.deleted !== true;
}

/** Deletes a customer's name, address and card at Stripe. Stripe keeps the invoices. Idempotent. */
export async function deleteCustomer(id: string): Promise<void> {
  await callStripeOrNull(() => stripe().customers.del(id));
}
