import type Stripe from "stripe";
import { findInvoice } from "#sandbox/stripe/invoices/lifecycle.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Marks an open invoice as uncollectible for a reason; it can still be paid or voided. */
export function markUncollectible(
  world: World,
  id: string,
  reason: "max_payment_attempts" | "subscription_paused" | "user_forgiven",
): Stripe.Invoice {
  const invoice = findInvoice(world, id);
  if (invoice.status !== "open") {
    throw invalid(
      `You can only mark open invoices as uncollectible. This invoice is ${invoice.status}.`,
      undefined,
      "invoice_not_editable",
    );
  }
  const patch = {
    auto_advance: false,
    next_payment_attempt: null,
    status: "uncollectible",
    status_details: { uncollectible: { reason } },
    status_transitions: {
      ...invoice.status_transitions,
      marked_uncollectible_at: nowFor(world, idOrNull(invoice.customer)),
    },
  };
  return amend(world, world.tables.invoices, id, patch, "invoice.marked_uncollectible");
}
