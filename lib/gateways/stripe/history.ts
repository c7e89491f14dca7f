import type Stripe from "stripe";
import { now } from "#lib/core/clock.ts";
import { callStripe, stripe } from "#lib/gateways/stripe/client.ts";
import {
  type StripeInvoice,
  toCreditNote,
  toInvoice,
  toInvoiceLine,
} from "#lib/gateways/stripe/invoice-objects.ts";
import {
  type StripeCharge,
  type StripeCheckoutSession,
  toCharge,
  toCheckoutSession,
} from "#lib/gateways/stripe/objects.ts";
import { taxLineId } from "#lib/gateways/stripe/tax.ts";

const pageSize = 100;
/** Older payments grant nothing any more: a yearly plan and a top-up last twelve months. */
const historyMs = 400 * 86_400_000;

/**
 * Lists the invoices of a customer that may still grant credit, newest first, with all lines, payments and
 * credit notes.
 */
export async function listInvoices(customerId: string): Promise<StripeInvoice[]> {
  return callStripe(async () => {
    const query = { customer: customerId, limit: pageSize, expand: ["data.payments"] };
    const found = (await takeRelevant(stripe().invoices.list(query))).map(toInvoice);
    for (const invoice of found.filter((candidate) => candidate.hasMoreLines)) {
      invoice.lines = invoice.lines.filter(({ id }) => id === taxLineId(invoice.id));
      for await (const line of stripe().invoices.listLineItems(invoice.id, { limit: pageSize }))
        invoice.lines.push(toInvoiceLine(line));
    }
    for (const invoice of found.filter(({ hasCreditNotes }) => hasCreditNotes)) {
      const notes = stripe().creditNotes.list({ invoice: invoice.id, limit: pageSize });
      for await (const note of notes)
        if (note.status === "issued") invoice.creditNotes.push(toCreditNote(note));
    }
    return found;
  });
}

/**
 * Takes the first page, and further objects that are recent enough to matter: a customer who buys credit
 * twice a week has more than a page of payments after the one for the year.
 */
async function takeRelevant<T extends { created: number }>(list: AsyncIterable<T>): Promise<T[]> {
  const since = (now().getTime() - historyMs) / 1_000;
  const found: T[] = [];
  for await (const one of list) {
    if (found.length >= pageSize && one.created < since) break;
    found.push(one);
  }
  return found;
}

/** Lists a customer's newest Checkout sessions. */
export async function listCheckoutSessions(customerId: string): Promise<StripeCheckoutSession[]> {
  const expand = ["data.setup_intent.latest_attempt", "data.payment_intent"];
  const query = { customer: customerId, limit: pageSize, expand };
  const page = await callStripe(() => stripe().checkout.sessions.list(query));
  return page.data.map(toCheckoutSession);
}

/** Lists a customer's successful charges that may still matter, newest first, with their disputes. */
export async function listCharges(customerId: string): Promise<StripeCharge[]> {
  const query = { customer: customerId, limit: pageSize };
  const charges = await callStripe(() => takeRelevant(stripe().charges.list(query)));
  const paid = charges.filter((charge) => charge.paid && charge.captured);
  return Promise.all(
    paid.map(async (charge) => toCharge(charge, charge.disputed ? await listDisputes(charge.id) : [])),
  );
}

async function listDisputes(chargeId: string): Promise<Stripe.Dispute[]> {
  return (await callStripe(() => stripe().disputes.list({ charge: chargeId, limit: pageSize }))).data;
}
