import type Stripe from "stripe";
import { cardOf, type StripeCard } from "#lib/gateways/stripe-card.ts";
import { askFor, stripe } from "#lib/gateways/stripe-client.ts";

/** A postal address; the country is ISO 3166-1 alpha-2. */
export type StripeAddress = {
  line1: string | null;
  line2: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  country: string | null;
};

/** A customer, as far as they pay and are written to. */
export type StripeCustomer = {
  /** The card that is charged where a subscription names none of its own. */
  card: StripeCard | null;
  name: string | null;
  address: StripeAddress | null;
  /** The type is Stripe's ("eu_vat"). */
  taxIds: { id: string; type: string; value: string }[];
  /** Our note of the last choice of a card that was carried out. */
  cardChoice: string | null;
};

/** A customer in one call; null when they were deleted, or are unknown to Stripe. */
export async function findCustomer(customerId: string): Promise<StripeCustomer | null> {
  const expand = ["invoice_settings.default_payment_method", "tax_ids"];
  const customer = await askFor(() => stripe().customers.retrieve(customerId, { expand }));
  if (customer === null || customer.deleted === true) return null;
  return {
    card: cardOf(customer.invoice_settings.default_payment_method),
    name: customer.name ?? null,
    address: customer.address == null ? null : addressOf(customer.address),
    taxIds: (customer.tax_ids?.data ?? []).map(({ id, type, value }) => ({ id, type, value })),
    cardChoice: customer.metadata.card_choice ?? null,
  };
}

function addressOf({ line1, line2, city, state, postal_code, country }: Stripe.Address): StripeAddress {
  return { line1, line2, city, state, postalCode: postal_code, country };
}
