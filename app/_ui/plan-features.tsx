import { useLocale, useTranslations } from "next-intl";
import type { Plan } from "#lib/billing/catalog/plans.ts";
import { formatsFor } from "#lib/core/formats.ts";

/** Returns what a plan includes: credit, models, rate limit and API keys, in the reader's language. */
export function usePlanFeatures(plan: Plan): string[] {
  const t = useTranslations("plans.features");
  const formats = formatsFor(useLocale());
  return [
    t("credit", { amount: formats.price(plan.allowanceMicros) }),
    t(`models.${plan.id}`),
    t("requests", { count: plan.requestsPerMinute }),
    t("apiKeys"),
  ];
}

/**
 * Returns a formatter of prices per interval ("$19 plus tax per month"). For server components.
 * @param currency ISO 4217; the amounts are millionths of its unit
 */
export function usePlanPrice(addsTax: boolean, currency = "usd") {
  const t = useTranslations("plans");
  const formats = formatsFor(useLocale());
  const format = (micros: number) => formats.amount(micros, currency);
  const amount = (micros: number) =>
    addsTax ? t("amountWithTax", { amount: format(micros) }) : format(micros);
  return {
    /** A recurring price; only the amount for an interval that no plan of ours has. */
    recurring: (micros: number, interval: string | null) =>
      interval === "month" || interval === "year"
        ? t(`${addsTax ? "priceWithTax" : "price"}.${interval}`, {
            amount: currency === "usd" ? formats.price(micros) : format(micros),
          })
        : amount(micros),
    /** An amount to which tax may be added. */
    amount,
  };
}

/** The name of an offer within a sentence ("Pro monthly"). */
export function useOfferName() {
  const t = useTranslations("plans.offer");
  return ({ plan, interval }: { plan: Pick<Plan, "name">; interval: "month" | "year" }) =>
    t(interval, { plan: plan.name });
}
