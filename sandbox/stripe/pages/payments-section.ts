import type Stripe from "stripe";
import { formatAmount } from "#sandbox/stripe/invoices/invoice-lines.ts";
import { type Html, html } from "#sandbox/stripe/pages/html.ts";
import { momentText, table } from "#sandbox/stripe/pages/table.ts";
import { findCharge } from "#sandbox/stripe/payments/find-payment.ts";
import { canDispute, openDispute } from "#sandbox/stripe/payments/open-dispute.ts";
import { createRefund } from "#sandbox/stripe/payments/refunds.ts";
import { StripeFailure } from "#sandbox/stripe/protocol/failure.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Renders all charges with refund and dispute buttons. */
export function paymentsTable(world: World): Html {
  const rows = world.tables.charges
    .all()
    .reverse()
    .map((charge) => row(world, charge));
  const heads = ["Customer", "Amount", "Status", "Refund", "Dispute", "Time", "ID"];
  return table("Payments", heads, rows, "No payments yet.", "stacked");
}

/** Executes a charge's button. An action that is no longer possible is ignored; the page shows the state. */
export function actOnCharge(world: World, form: URLSearchParams): void {
  const action = form.get("action");
  if (action !== "refund" && action !== "dispute") return;
  try {
    const charge = findCharge(world, form.get("charge") ?? "");
    if (action === "refund") createRefund(world, { charge: charge.id });
    else openDispute(world, charge, "fraudulent");
  } catch (error) {
    world.rollBack();
    if (!(error instanceof StripeFailure)) throw error;
  }
}

function row(world: World, charge: Stripe.Charge): Html {
  const customer = world.tables.customers.get(idOrNull(charge.customer) ?? "");
  const button = (action: "refund" | "dispute", label: string) =>
    html`<form method="post" action="/payments"><input type="hidden" name="charge" value="${charge.id}">
<button type="submit" name="action" value="${action}">${label}</button></form>`;
  const isOpen = canDispute(world, charge);
  return html`<tr><td>${customer?.email ?? charge.billing_details.email}</td>
<td>${formatAmount(charge.amount, charge.currency)}</td><td>${statusText(world, charge)}</td>
<td>${isOpen && button("refund", "Refund")}</td><td>${isOpen && button("dispute", "Dispute")}</td>
<td>${momentText(charge.created)}</td><td>${charge.id}</td></tr>`;
}

function statusText(world: World, charge: Stripe.Charge): string {
  const dispute = world.tables.disputes.under(charge.id).at(-1);
  if (dispute) return `disputed: ${dispute.status.replaceAll("_", " ")}`;
  if (charge.refunded) return charge.captured ? "refunded" : "released";
  if (charge.amount_refunded > 0) return `${formatAmount(charge.amount_refunded, charge.currency)} refunded`;
  return charge.status === "succeeded" && !charge.captured ? "authorized" : charge.status;
}
