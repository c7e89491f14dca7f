import type Stripe from "stripe";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The behavior of a card that determines whether 3-D Secure is required. */
type Behaviour = { authentication: "never" | "once" | "always" } | undefined;
type NextAction = {
  type: string;
  redirect_to_url?: { return_url: string | null; url: string | null };
  use_stripe_sdk?: { [key: string]: unknown };
};

/** Whether 3-D Secure is required: until the card is set up, or for every payment. */
export function requiresAuthentication(behaviour: Behaviour, isSetUp: boolean): boolean {
  return behaviour?.authentication === "always" || (behaviour?.authentication === "once" && !isSetUp);
}

/** The bank's 3-D Secure URL for a payment or setup intent. */
export function bankUrl(world: World, intent: { client_secret: string | null }): string {
  return `${world.baseUrl}/authenticate/${intent.client_secret}`;
}

/**
 * The next action of the customer: a redirect to the bank if there is a return URL, otherwise a frame that
 * Stripe.js shows.
 */
export function authenticationAction(
  world: World,
  intent: { client_secret: string | null },
  returnUrl: string | null,
): NextAction {
  const url = bankUrl(world, intent);
  return returnUrl === null
    ? {
        type: "use_stripe_sdk",
        use_stripe_sdk: {
          type: "three_d_secure_redirect",
          source: newStripeId("src"),
          stripe_js: url,
        },
      }
    : { type: "redirect_to_url", redirect_to_url: { return_url: returnUrl, url } };
}

/** The return URL after 3-D Secure, with the intent's id and client secret. */
export function returnUrlOf(intent: Stripe.PaymentIntent | Stripe.SetupIntent, returnUrl: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? "");
  const isDone = intent.status === "succeeded" || intent.status === "requires_capture";
  url.searchParams.set("redirect_status", isDone || intent.status === "processing" ? "succeeded" : "failed");
  return url.href;
}
