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

/** Returns the name of a card brand by Stripe's code ("visa"); undefined for one that is not in the list. */
export function cardBrandName(brand: string): string | undefined {
  return Object.hasOwn(brands, brand) ? brands[brand] : undefined;
}
