import type Stripe from "stripe";
import { ask, stripe } from "#lib/gateways/stripe-client.ts";
import {
  chargeOf,
  checkoutSessionOf,
  invoiceLineOf,
  invoiceOf,
  type StripeCharge,
  type StripeCheckoutSession,
  type StripeInvoice,
} from "#lib/gateways/stripe-objects.ts";
import { taxLineId } from "#lib/gateways/stripe-tax.ts";
import { now } from "#lib/ground/clock.ts";

const pageSize = 100;
/** What is older pays for nothing any more: a year's plan and credit that was bought last twelve months. */
const historyMs = 400 * 86_400_000;

/** A customer's newest invoices, as many as may still count, with all of their lines and what paid them. */
export async function listInvoices(customerId: string): Promise<StripeInvoice[]> {
  return ask(async () => {
    const query = { customer: customerId, limit: pageSize, expand: ["data.payments"] };
    const found = (await newestOf(stripe().invoices.list(query))).map(invoiceOf);
    for (const invoice of found.filter((candidate) => candidate.hasMoreLines)) {
      invoice.lines = invoice.lines.filter(({ id }) => id === taxLineId(invoice.id));
      for await (const line of stripe().invoices.listLineItems(invoice.id, { limit: pageSize }))
        invoice.lines.push(invoiceLineOf(line));
    }
    return found;
  });
}

/**
 * A page of the newest, however old, and whatever else is young enough to count: somebody who buys credit twice a week has
 * more than a page of payments after the one for their year.
 */
async function newestOf<T extends { created: number }>(list: AsyncIterable<T>): Promise<T[]> {
  const since = (now().getTime() - historyMs) / 1_000;
  const found: T[] = [];
  for await (const one of list) {
    if (found.length >= pageSize && one.created < since) break;
    found.push(one);
  }
  return found;
}

/** A customer's newest Checkout sessions. */
export async function listCheckoutSessions(customerId: string): Promise<StripeCheckoutSession[]> {
  const expand = ["data.setup_intent.latest_attempt"];
  const query = { customer: customerId, limit: pageSize, expand };
  const page = await ask(() => stripe().checkout.sessions.list(query));
  return page.data.map(checkoutSessionOf);
}

/** A customer's newest charges that succeeded, as many as may still count, with the disputes that stand against them. */
export async function listCharges(customerId: string): Promise<StripeCharge[]> {
  const query = { customer: customerId, limit: pageSize };
  const charges = await ask(() => newestOf(stripe().charges.list(query)));
  const paid = charges.filter((charge) => charge.paid && charge.captured);
  return Promise.all(
    paid.map(async (charge) => chargeOf(charge, charge.disputed ? await listDisputes(charge.id) : [])),
  );
}

async function listDisputes(chargeId: string): Promise<Stripe.Dispute[]> {
  return (await ask(() => stripe().disputes.list({ charge: chargeId, limit: pageSize }))).data;
}
