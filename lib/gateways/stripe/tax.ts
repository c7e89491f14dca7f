import type Stripe from "stripe";
import { env } from "#lib/core/env.ts";

/**
 * Returns the tax parameters of a Checkout; none when STRIPE_TAX is off. Stripe computes tax from the address
 * and accepts a tax id. The subscription keeps the setting, so renewals, changes and previews are taxed too.
 */
export function checkoutTaxParams(): Partial<Stripe.Checkout.SessionCreateParams> {
  if (env().STRIPE_TAX === "off") return {};
  return {
    automatic_tax: { enabled: true },
    tax_id_collection: { enabled: true },
    customer_update: { address: "auto", name: "auto" },
  };
}

/** Returns the tax added to an invoice in whole cents, without tax that prices already include. */
export function taxCentsOf({ total_taxes: taxes }: Pick<Stripe.Invoice, "total_taxes">): number {
  return (taxes ?? [])
    .filter(({ tax_behavior: behavior }) => behavior === "exclusive")
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** Returns the id of our own line for an invoice's tax. */
export function taxLineId(invoiceId: string): string {
  return `${invoiceId}:tax`;
}
