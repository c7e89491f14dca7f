import { sessionOfIntent } from "#sandbox/stripe/checkout/complete-session.ts";
import { moneyText } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { returnToCheckout } from "#sandbox/stripe/pages/checkout-page.ts";
import { html } from "#sandbox/stripe/pages/html.ts";
import { notice, type PageAnswer, type PageRequest, page, redirect } from "#sandbox/stripe/pages/layout.ts";
import { idOf } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { collectInvoice } from "#sandbox/stripe/subscriptions/collect.ts";

/** The page of the person's bank, for 3-D Secure. */
export function answerAuthentication(world: World, clientSecret: string, request: PageRequest): PageAnswer {
  const intent = world.tables.paymentIntents.get(clientSecret.split("_secret_")[0] ?? "");
  if (!intent || intent.client_secret !== clientSecret) {
    return notice("Not found", "There is no such payment.", null, 404);
  }
  if (intent.status !== "requires_action") {
    const back = intent.next_action?.redirect_to_url?.return_url ?? sessionUrl(world, intent.id);
    const text =
      intent.status === "succeeded"
        ? "This payment is complete."
        : "This payment needs no authentication now.";
    return notice("Nothing to confirm", text, back ? { href: back, label: "Go on" } : null);
  }
  if (request.method === "POST") {
    const outcome = request.form.get("outcome") === "complete" ? "passed" : "failed";
    return finish(world, intent.id, outcome);
  }
  return page(
    "Confirm with your bank",
    html`<section class="card narrow">
<h1>Confirm with your bank</h1>
<p>Your bank asks whether you want to pay <strong>${moneyText(intent.amount, intent.currency)}</strong>.</p>
<form method="post" action="/authenticate/${clientSecret}" class="actions">
<button type="submit" name="outcome" value="complete" class="primary">Complete authentication</button>
<button type="submit" name="outcome" value="fail">Fail</button>
</form>
</section>`,
  );
}

function finish(world: World, intentId: string, authentication: "passed" | "failed"): PageAnswer {
  const session = sessionOfIntent(world, intentId);
  if (session !== null && world.tables.checkoutSessions.get(session)?.status === "open") {
    return returnToCheckout(world, session, authentication);
  }
  const payment = world.tables.invoicePayments.filter((row) => row.payment.payment_intent === intentId)[0];
  const invoice = payment && world.tables.invoices.get(idOf(payment.invoice));
  const method = world.tables.paymentIntents.get(intentId)?.payment_method;
  if (!invoice || !method)
    return notice("Not found", "This payment belongs to nothing that is open.", null, 404);
  collectInvoice(world, invoice.id, {
    onSession: true,
    isAutomatic: false,
    authentication,
    method: idOf(method),
  });
  return redirect(invoice.hosted_invoice_url ?? "/");
}

function sessionUrl(world: World, intent: string): string | null {
  const session = sessionOfIntent(world, intent);
  return session === null ? null : `/c/pay/${session}`;
}
