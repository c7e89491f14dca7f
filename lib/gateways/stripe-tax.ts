import type Stripe from "stripe";
import { env } from "#lib/ground/env.ts";

/**
 * What a Checkout says of tax where STRIPE_TAX is on: Stripe reckons it by the address that it asks for, and takes a tax id.
 * What was sold so is taxed at each renewal and change, previews included, because the subscription remembers it.
 */
export function taxAtCheckout(): Partial<Stripe.Checkout.SessionCreateParams> {
  if (env().STRIPE_TAX === "off") return {};
  return {
    automatic_tax: { enabled: true },
    tax_id_collection: { enabled: true },
    customer_update: { address: "auto", name: "auto" },
  };
}

/** What is added to an invoice for tax, in whole cents; tax that prices include already is not counted. */
export function taxCentsOf({ total_taxes: taxes }: Pick<Stripe.Invoice, "total_taxes">): number {
  return (taxes ?? [])
    .filter(({ tax_behavior: behavior }) => behavior === "exclusive")
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** The id of the line that stands for an invoice's tax among our own. */
export function taxLineId(invoiceId: string): string {
  return `${invoiceId}:tax`;
}
