import type Stripe from "stripe";
import { returnUrlOf } from "#sandbox/stripe/payments/authentication.ts";
import { confirmSetup } from "#sandbox/stripe/payments/confirm-setup.ts";
import { confirmWithOwner } from "#sandbox/stripe/payments/confirm-with-owner.ts";
import { invoiceOfIntent } from "#sandbox/stripe/payments/follow-intent.ts";
import { amend } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

type Intent = Stripe.PaymentIntent | Stripe.SetupIntent;

/** Finds the payment or setup intent of a client secret; null if it is unknown. */
export function intentOfSecret(world: World, clientSecret: string): Intent | null {
  const id = clientSecret.split("_secret_")[0] ?? "";
  const intent = world.tables.paymentIntents.get(id) ?? world.tables.setupIntents.get(id);
  return intent?.client_secret === clientSecret ? intent : null;
}

/**
 * Continues the payment or setup intent after 3-D Secure. Returns the return URL, or null if there is none.
 */
export function finishAuthentication(
  world: World,
  intent: Intent,
  authentication: "passed" | "failed",
): string | null {
  const method = idOrNull(intent.payment_method);
  if (method === null) throw new Error(`${intent.id} waits for nobody`);
  const invoice = invoiceOfIntent(world, intent.id);
  const returnUrl = intent.next_action?.redirect_to_url?.return_url;
  const after = goOn(world, intent, method, authentication);
  if (invoice) return invoice.hosted_invoice_url ?? null;
  return returnUrl ? returnUrlOf(after, returnUrl) : null;
}

function goOn(world: World, intent: Intent, method: string, authentication: "passed" | "failed"): Intent {
  if (intent.object === "setup_intent") return confirmSetup(world, intent.id, method, { authentication });
  if (authentication === "passed" && intent.confirmation_method === "manual") {
    // With manual confirmation the merchant's server confirms again, without another 3-D Secure check.
    world.tables.marks.put({ id: `authenticated:${intent.id}:${method}` });
    const patch = { next_action: null, status: "requires_confirmation" };
    return amend(world, world.tables.paymentIntents, intent.id, patch);
  }
  return confirmWithOwner(world, intent.id, method, { onSession: true, authentication });
}
