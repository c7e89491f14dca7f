import type { Stripe } from "@stripe/stripe-js";
import type { StripeJs } from "#lib/billing/actions/stripe-js.ts";

/**
 * Loads Stripe.js on demand. With the sandbox, its stand-in script is loaded first, and Stripe's loader uses
 * it.
 * @throws Error when the script cannot be loaded
 */
export async function loadStripe({ publishableKey, scriptUrl }: StripeJs): Promise<Stripe> {
  if (scriptUrl !== null && window.Stripe === undefined) await addScript(scriptUrl);
  const loader = await import("@stripe/stripe-js/pure");
  const stripe = await loader.loadStripe(publishableKey);
  if (stripe === null) throw new Error("Stripe.js needs a browser.");
  return stripe;
}

/**
 * Whether the document's content security policy allows Stripe's frames. After a client-side navigation the
 * document keeps the policy of the page that was loaded first.
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
