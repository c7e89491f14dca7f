import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { type BillingAddress, type BillingTaxId, billingCustomers } from "#db/schema/billing.ts";

export type CardView = {
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** Whether the card expires this month or has expired. */
  expiry: "good" | "this_month" | "over";
};

/** A workspace's default card and billing details. */
export type PaymentDetails = {
  card: CardView | null;
  name: string | null;
  address: BillingAddress | null;
  taxIds: BillingTaxId[];
};

/** Reads a workspace's default card and billing details from our own tables, without asking Stripe. */
export async function readPaymentDetails(tx: Tx, workspaceId: string, at: Date): Promise<PaymentDetails> {
  const [row] = await tx.select().from(billingCustomers).where(eq(billingCustomers.workspaceId, workspaceId));
  if (row === undefined || row.deletedAt !== null)
    return { card: null, name: null, address: null, taxIds: [] };
  const { cardBrand, cardLast4, cardExpMonth, cardExpYear, invoiceName: name, address, taxIds } = row;
  const hasCard = cardBrand !== null && cardLast4 !== null && cardExpMonth !== null && cardExpYear !== null;
  const card = hasCard
    ? {
        brand: cardBrand,
        last4: cardLast4,
        expMonth: cardExpMonth,
        expYear: cardExpYear,
        expiry: expiryOf(cardExpMonth, cardExpYear, at),
      }
    : null;
  return { card, name, address, taxIds };
}

/**
 * Returns whether a card has expired at a moment; it is valid until the last day of its month (UTC). Pure.
 * @param month 1 to 12
 */
export function expiryOf(month: number, year: number, at: Date): CardView["expiry"] {
  const ahead = (year - at.getUTCFullYear()) * 12 + (month - 1 - at.getUTCMonth());
  return ahead > 0 ? "good" : ahead === 0 ? "this_month" : "over";
}
