import type Stripe from "stripe";
import { buildCreditNote, type CreateNoteParams } from "#sandbox/stripe/credit-notes/build-credit-note.ts";
import { adjustCustomerBalance } from "#sandbox/stripe/customers/customer-balance.ts";
import {
  cancelInvoiceIntent,
  findInvoiceIntent,
  updateIntentAmount,
} from "#sandbox/stripe/invoices/invoice-intent.ts";
import { findInvoice, markPaid } from "#sandbox/stripe/invoices/lifecycle.ts";
import { createRefund } from "#sandbox/stripe/payments/refunds.ts";
import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { amend, create, nowFor } from "#sandbox/stripe/state/emit.ts";
import { idOf, idOrNull } from "#sandbox/stripe/state/ids.ts";
import type { World } from "#sandbox/stripe/state/world.ts";
import { followPayment } from "#sandbox/stripe/subscriptions/collect.ts";

/** Issues a credit note: reduces the invoice's remaining amount and returns the paid part to the customer. */
export function issueCreditNote(world: World, params: CreateNoteParams): Stripe.CreditNote {
  const built = buildCreditNote(world, params);
  const invoice = findInvoice(world, idOf(built.invoice));
  const newRefunds = params.refund_amount
    ? [createNoteRefund(world, invoice, built, params.refund_amount)]
    : [];
  const movement = params.credit_amount
    ? adjustCustomerBalance(world, idOf(built.customer), {
        amount: -params.credit_amount,
        creditNote: built.id,
        currency: built.currency,
        invoice: invoice.id,
        type: "credit_note",
      })
    : null;
  const note = {
    ...built,
    customer_balance_transaction: movement?.id ?? null,
    refunds: [...built.refunds, ...newRefunds],
  };
  create(world, world.tables.creditNotes, note, "credit_note.created");
  creditInvoice(world, invoice.id, note.pre_payment_amount, note.post_payment_amount);
  return note;
}

/**
 * Voids a credit note of an open invoice. Throws for other invoices: returned money is not collected again.
 */
export function voidCreditNote(world: World, note: Stripe.CreditNote): Stripe.CreditNote {
  const invoice = findInvoice(world, idOf(note.invoice));
  if (note.status === "void") throw invalid("This credit note is already void.");
  if (invoice.status !== "open") {
    throw invalid(
      `You can only void a credit note of an open invoice. The invoice ${invoice.id} is ${invoice.status}.`,
    );
  }
  const at = nowFor(world, idOf(note.customer));
  const patch = { status: "void", voided_at: at };
  const voided = amend(world, world.tables.creditNotes, note.id, patch, "credit_note.voided");
  creditInvoice(world, invoice.id, -note.pre_payment_amount, -note.post_payment_amount);
  return voided;
}

/** Applies a credit to an invoice; an invoice with nothing remaining becomes paid. */
function creditInvoice(world: World, id: string, before: number, after: number): void {
  const invoice = findInvoice(world, id);
  const patch = {
    amount_due: invoice.amount_due - before,
    amount_remaining: invoice.amount_remaining - before,
    post_payment_credit_notes_amount: invoice.post_payment_credit_notes_amount + after,
    pre_payment_credit_notes_amount: invoice.pre_payment_credit_notes_amount + before,
  };
  const credited = amend(world, world.tables.invoices, id, patch, "invoice.updated");
  if (before === 0) return;
  if (credited.amount_remaining > 0) {
    updateIntentAmount(world, credited);
    return;
  }
  cancelInvoiceIntent(world, credited, "automatic");
  markPaid(world, id);
  followPayment(world, id, "paid");
}

function createNoteRefund(
  world: World,
  invoice: Stripe.Invoice,
  note: Stripe.CreditNote,
  amount: number,
): Stripe.CreditNote.Refund {
  const charge = idOrNull(findInvoiceIntent(world, invoice.id)?.latest_charge);
  if (charge === null) {
    throw invalid("This invoice was not paid by a charge that could be refunded.", "refund_amount");
  }
  const refund = createRefund(world, { amount, charge, reason: toRefundReason(note) });
  return { amount_refunded: amount, payment_record_refund: null, refund: refund.id, type: "refund" };
}

/** Maps the note's reason to a refund reason; refunds have fewer reasons than credit notes. */
function toRefundReason({ reason }: Stripe.CreditNote): "duplicate" | "fraudulent" | "requested_by_customer" {
  if (reason === "duplicate") return "duplicate";
  return reason === "fraudulent" ? "fraudulent" : "requested_by_customer";
}
