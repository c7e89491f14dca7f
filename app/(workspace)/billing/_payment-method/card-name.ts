import type { CardView } from "#lib/billing/reports/payment-details.ts";

const brands: Record<string, string> = {
  amex: "American Express",
  cartes_bancaires: "Cartes Bancaires",
  diners: "Diners Club",
  discover: "Discover",
  eftpos_au: "Eftpos",
  jcb: "JCB",
  mastercard: "Mastercard",
  unionpay: "UnionPay",
  visa: "Visa",
};

/** The display name of a card, for example "Visa ending in 4242". */
export function cardName({ brand, last4 }: Pick<CardView, "brand" | "last4">): string {
  return `${Object.hasOwn(brands, brand) ? brands[brand] : "Card"} ending in ${last4}`;
}
