import { eq } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { type BillingAddress, type BillingTaxId, billingCustomers } from "#db/schema/billing.ts";

export type CardView = {
  brand: string;
  last4: string;
  expMonth: number;
  expYear: number;
  /** Whether its last month runs, or is over. */
  expiry: "good" | "this_month" | "over";
};

/** How a workspace pays, and whom its invoices are made out to. */
export type PaymentDetails = {
  card: CardView | null;
  name: string | null;
  address: BillingAddress | null;
  taxIds: BillingTaxId[];
};

/** How a workspace pays, from our own rows alone: Stripe is not asked. */
export async function readPaymentDetails(tx: Tx, workspaceId: string, at: Date): Promise<PaymentDetails> {
  const [row] = await tx.select().from(billingCustomers).where(eq(billingCustomers.workspaceId, workspaceId));
  if (row === undefined || row.deletedAt !== null)
    return { card: null, name: null, address: null, taxIds: [] };
  const { cardBrand, cardLast4, cardExpMonth, cardExpYear, invoiceName: name, address, taxIds } = row;
  const isKnown = cardBrand !== null && cardLast4 !== null && cardExpMonth !== null && cardExpYear !== null;
  const card = isKnown
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

/** A card is good until the last day of its month (UTC). Pure. @param month 1 to 12 */
export function expiryOf(month: number, year: number, at: Date): CardView["expiry"] {
  const ahead = (year - at.getUTCFullYear()) * 12 + (month - 1 - at.getUTCMonth());
  return ahead > 0 ? "good" : ahead === 0 ? "this_month" : "over";
}
