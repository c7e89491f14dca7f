import type Stripe from "stripe";
import { findSessionIdByIntent } from "#sandbox/stripe/checkout/complete-session.ts";
import { formatAmount } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { returnToCheckout } from "#sandbox/stripe/pages/checkout-page.ts";
import { html } from "#sandbox/stripe/pages/html.ts";
import {
  framedNotice,
  notice,
  type PageRequest,
  type PageResponse,
  page,
  redirect,
} from "#sandbox/stripe/pages/layout.ts";
import { finishAuthentication, intentOfSecret } from "#sandbox/stripe/payments/finish-authentication.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** The 3-D Secure page of the bank, standalone or in a frame on the merchant's page. */
export function handleAuthentication(world: World, clientSecret: string, request: PageRequest): PageResponse {
  const intent = intentOfSecret(world, clientSecret);
  if (!intent) return notice("Not found", "This payment doesn't exist.", null, 404);
  if (intent.status !== "requires_action") return nothingToDo(world, intent, request);
  if (request.method !== "POST") return ask(intent, clientSecret);
  const outcome = request.form.get("outcome") === "complete" ? "passed" : "failed";
  const session = findSessionIdByIntent(world, intent.id);
  if (session !== null && world.tables.checkoutSessions.get(session)?.status === "open") {
    return returnToCheckout(world, session, outcome);
  }
  const back = finishAuthentication(world, intent, outcome);
  if (request.isFramed)
    return framedNotice("All set", "Your bank has your response.", { kind: "authenticated" });
  return back === null
    ? notice("All set", "Your bank has your response. You can close this page.", null)
    : redirect(back);
}

function ask(intent: Stripe.PaymentIntent | Stripe.SetupIntent, clientSecret: string): PageResponse {
  const question =
    intent.object === "payment_intent"
      ? html`Your bank needs you to confirm this payment of <strong>${formatAmount(intent.amount, intent.currency)}</strong>.`
      : html`Your bank needs you to confirm that this card can be saved for future payments.`;
  const content = html`<section class="card narrow">
<h1>Confirm with your bank</h1>
<p>${question}</p>
<form method="post" action="/authenticate/${clientSecret}" class="actions">
<button type="submit" name="outcome" value="complete" class="primary">Complete authentication</button>
<button type="submit" name="outcome" value="fail">Fail</button>
</form>
</section>`;
  return page("Confirm with your bank", content, 200, "framed");
}

function nothingToDo(
  world: World,
  intent: Stripe.PaymentIntent | Stripe.SetupIntent,
  request: PageRequest,
): PageResponse {
  const text =
    intent.status === "succeeded" ? "This is already complete." : "There's nothing to confirm right now.";
  if (request.isFramed) return framedNotice("Nothing to confirm", text, { kind: "authenticated" });
  const session = findSessionIdByIntent(world, intent.id);
  const link = session === null ? null : { href: `/c/pay/${session}`, label: "Continue" };
  return notice("Nothing to confirm", text, link);
}
