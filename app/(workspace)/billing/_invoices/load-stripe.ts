import type { Stripe } from "@stripe/stripe-js";
import type { StripeJs } from "#lib/billing/actions/stripe-js.ts";

/**
 * Loads Stripe.js when somebody asks for what needs it, and not before. On a machine without a Stripe account the sandbox's
 * stand-in is loaded first, which the loader then finds in its place.
 * @throws Error when it cannot be reached
 */
export async function loadStripe({ publishableKey, scriptUrl }: StripeJs): Promise<Stripe> {
  if (scriptUrl !== null && window.Stripe === undefined) await addScript(scriptUrl);
  const loader = await import("@stripe/stripe-js/pure");
  const stripe = await loader.loadStripe(publishableKey);
  if (stripe === null) throw new Error("Stripe.js needs a browser.");
  return stripe;
}

/**
 * Whether this document's policy lets Stripe's frames in. A page that was opened elsewhere and led here without being loaded
 * anew still has the policy that it began with.
 */
export function allowsStripe(): boolean {
  return document.documentElement.dataset.stripe === "allowed";
}

function addScript(src: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${src} cannot be loaded.`));
    document.head.append(script);
  });
}
