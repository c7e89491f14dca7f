import type Stripe from "stripe";
import { adjustCustomerBalance } from "#sandbox/stripe/customers/customer-balance.ts";
import { cancelInvoiceIntent } from "#sandbox/stripe/invoices/invoice-intent.ts";
import { dropStatusDetails, findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { dropPending } from "#sandbox/stripe/subscriptions/pending-change.ts";

/** Voids an invoice: cancels its payment, restores the applied customer balance and drops pending changes. */
export function voidInvoice(world: World, id: string): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (invoice.status !== "open" && invoice.status !== "uncollectible") {
    throw invalid(
      `You can only void invoices that are open or uncollectible. This invoice is ${invoice.status}.`,
    );
  }
  cancelInvoiceIntent(world, invoice, "void_invoice");
  const at = nowFor(world, idOrNull(invoice.customer));
  const patch = {
    auto_advance: false,
    next_payment_attempt: null,
    status: "void",
    status_transitions: { ...invoice.status_transitions, voided_at: at },
  };
  dropStatusDetails(world, invoice);
  const voided = amend(world, world.tables.invoices, id, patch, "invoice.voided");
  restoreAppliedBalance(world, voided);
  dropPending(world, id);
  return voided;
}

function restoreAppliedBalance(world: World, invoice: Stripe.Invoice): void {
  const customer = idOrNull(invoice.customer) ?? "";
  const amount = invoice.starting_balance - (invoice.ending_balance ?? invoice.starting_balance);
  if (amount === 0 || !world.tables.customers.get(customer)) return;
  const { currency, id } = invoice;
  adjustCustomerBalance(world, customer, { amount, currency, invoice: id, type: "unapplied_from_invoice" });
}
