import { raiseAlert } from "#lib/core/alerts.ts";
import { AppError, errorReason } from "#lib/core/errors.ts";
import { stripeErrorOf } from "#lib/gateways/stripe/client.ts";
import type { StripePrice } from "#lib/gateways/stripe/objects.ts";

type Purchase = { customerId: string; price: StripePrice; customerCurrency: string | null };

/**
 * Converts Stripe's refusal of a purchase to an error that says why, and tells the operator, who alone can
 * resolve it: Stripe sells to a customer in one currency only.
 * @returns AppError purchase_refused
 */
export async function refusedPurchase(
  error: unknown,
  { customerId, price, customerCurrency }: Purchase,
): Promise<AppError> {
  const refusal = stripeErrorOf(error);
  await raiseAlert({
    key: `billing.refused:${customerId}:${price.id}`,
    title: "Stripe refused a purchase",
    detail: `Customer ${customerId}, price ${price.id}: ${refusal?.message ?? "no reason"}`,
  });
  const details = { stripeCode: refusal?.code, stripeRequest: refusal?.requestId, price: price.id };
  if (customerCurrency === null || customerCurrency === price.currency)
    return new AppError("purchase_refused", { cause: error, details });
  const currency = customerCurrency.toUpperCase();
  const reason = errorReason("otherCurrency", { currency, priceCurrency: price.currency.toUpperCase() });
  return new AppError("purchase_refused", { cause: error, details, reason });
}
