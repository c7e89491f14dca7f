import { env } from "#lib/core/env.ts";

/** What is said after a price of ours: Stripe adds the tax, by the customer's address, when it is paid. */
export function plusTax(): string {
  return env().STRIPE_TAX === "on" ? " plus tax" : "";
}
