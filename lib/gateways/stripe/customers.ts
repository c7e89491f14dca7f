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
  /** The newest card choice that was applied, from our metadata. */
  cardChoice: string | null;
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
    cardChoice: customer.metadata.card_choice ?? null,
  };
}

function toAddress({ line1, line2, city, state, postal_code, country }: Stripe.Address): StripeAddress {
  return { line1, line2, city, state, postalCode: postal_code, country };
}

/** Creates a customer and returns its id. The same idempotency key returns the same customer. */
export async function createCustomer(
  customer: { email: string; name: string; workspaceId: string },
  idempotencyKey: string,
): Promise<string> {
  const { email, name, workspaceId } = customer;
  const created = await callStripe(() =>
    stripe().customers.create({ email, name, metadata: { workspace_id: workspaceId } }, { idempotencyKey }),
  );
  return created.id;
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
