import { env } from "#lib/core/env.ts";

/** Returns the text after a price: " plus tax" when Stripe adds tax at payment, otherwise empty. */
export function plusTax(): string {
  return env().STRIPE_TAX === "on" ? " plus tax" : "";
}
