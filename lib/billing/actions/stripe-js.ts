import { env } from "#lib/core/env.ts";

/** The configuration with which a browser loads Stripe.js. */
export type StripeJs = {
  publishableKey: string;
  /** The sandbox's script URL; null for Stripe's own. */
  scriptUrl: string | null;
};

/**
 * Returns the configuration of Stripe.js; null when it is not configured, so that Stripe's hosted pages are
 * used.
 */
export function stripeJs(): StripeJs | null {
  const { STRIPE_PUBLISHABLE_KEY, STRIPE_JS_URL } = env();
  if (STRIPE_PUBLISHABLE_KEY === undefined) return null;
  return { publishableKey: STRIPE_PUBLISHABLE_KEY, scriptUrl: STRIPE_JS_URL ?? null };
}
