import { env } from "#lib/core/env.ts";

/** Whether Stripe adds tax to our prices at payment. */
export function addsTax(): boolean {
  return env().STRIPE_TAX === "on";
}

/** Returns the text after a price: " plus tax" when Stripe adds tax at payment, otherwise empty. */
export function plusTax(): string {
  return addsTax() ? " plus tax" : "";
}
