import { env } from "#lib/ground/env.ts";

/** What a browser needs to load Stripe.js. */
export type StripeJs = {
  publishableKey: string;
  /** Another address of the script, on a machine without a Stripe account; null for Stripe's own. */
  scriptUrl: string | null;
};

/** How Stripe.js is loaded; null where it is not configured, so that people are led to Stripe's own pages. */
export function stripeJs(): StripeJs | null {
  const { STRIPE_PUBLISHABLE_KEY, STRIPE_JS_URL } = env();
  if (STRIPE_PUBLISHABLE_KEY === undefined) return null;
  return { publishableKey: STRIPE_PUBLISHABLE_KEY, scriptUrl: STRIPE_JS_URL ?? null };
}
