import type Stripe from "stripe";
import { newStripeId } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The part of a card on file that decides whether the bank is asked. */
type Behaviour = { authentication: "never" | "once" | "always" } | undefined;
type NextAction = {
  type: string;
  redirect_to_url?: { return_url: string | null; url: string | null };
  use_stripe_sdk?: { [key: string]: unknown };
};

/** Whether a card's bank wants to be asked: some until the card is set up, some every time. */
export function asksBank(behaviour: Behaviour, isSetUp: boolean): boolean {
  return behaviour?.authentication === "always" || (behaviour?.authentication === "once" && !isSetUp);
}

/** The page of the person's bank for a payment or a set-up. */
export function bankUrl(world: World, intent: { client_secret: string | null }): string {
  return `${world.baseUrl}/authenticate/${intent.client_secret}`;
}

/**
 * What is left to do by the person: with an address to come back to they are sent to their bank, without one
 * Stripe.js shows the bank over the shop's own page.
 */
export function askBank(
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

/** Where the browser goes back to after the bank, with what the shop needs to look the result up. */
export function returnUrlOf(intent: Stripe.PaymentIntent | Stripe.SetupIntent, returnUrl: string): string {
  const url = new URL(returnUrl);
  url.searchParams.set(intent.object, intent.id);
  url.searchParams.set(`${intent.object}_client_secret`, intent.client_secret ?? "");
  const isDone = intent.status === "succeeded" || intent.status === "requires_capture";
  url.searchParams.set("redirect_status", isDone || intent.status === "processing" ? "succeeded" : "failed");
  return url.href;
}
