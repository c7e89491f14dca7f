import { useTranslations } from "next-intl";
import { cardBrandName } from "#lib/billing/reports/card-brands.ts";
import type { CardView } from "#lib/billing/reports/payment-details.ts";

/** Returns a function that names a card in the reader's language ("Visa ending in 4242"). */
export function useCardName() {
  const t = useTranslations("billingForms.card");
  return ({ brand, last4 }: Pick<CardView, "brand" | "last4">): string =>
    t("ending", { brand: cardBrandName(brand) ?? t("generic"), last4 });
}

/** The name of a card. */
export function CardName(card: Pick<CardView, "brand" | "last4">) {
  return useCardName()(card);
}
