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
  if (!intent) return notice("Not found", "There is no such payment.", null, 404);
  if (intent.status !== "requires_action") return nothingToDo(world, intent, request);
  if (request.method !== "POST") return ask(intent, clientSecret);
  const outcome = request.form.get("outcome") === "complete" ? "passed" : "failed";
  const session = findSessionIdByIntent(world, intent.id);
  if (session !== null && world.tables.checkoutSessions.get(session)?.status === "open") {
    return returnToCheckout(world, session, outcome);
  }
  const back = finishAuthentication(world, intent, outcome);
  if (request.isFramed)
    return framedNotice("Thank you", "Your bank has heard you.", { kind: "authenticated" });
  return back === null
    ? notice("Thank you", "Your bank has heard you. You can close this page.", null)
    : redirect(back);
}

function ask(intent: Stripe.PaymentIntent | Stripe.SetupIntent, clientSecret: string): PageResponse {
  const question =
    intent.object === "payment_intent"
      ? html`Your bank asks whether you want to pay <strong>${formatAmount(intent.amount, intent.currency)}</strong>.`
      : html`Your bank asks whether your card may be kept for later payments.`;
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
  const text = intent.status === "succeeded" ? "This is complete." : "There is nothing to authenticate now.";
  if (request.isFramed) return framedNotice("Nothing to confirm", text, { kind: "authenticated" });
  const session = findSessionIdByIntent(world, intent.id);
  const link = session === null ? null : { href: `/c/pay/${session}`, label: "Go on" };
  return notice("Nothing to confirm", text, link);
}
