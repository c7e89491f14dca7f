import { env } from "#lib/core/env.ts";

/** Whether Stripe adds tax to our prices at payment. */
export function addsTax(): boolean {
  return env().STRIPE_TAX === "on";
}
