import type {
  AuditedInvoice,
  AuditedSubscription,
  AuditedTopUp,
  PlanLine,
  StripeFacts,
} from "#lib/billing/audit/facts.ts";
import { fraction, zero } from "#lib/billing/audit/fraction.ts";
import { type OurPrice, type PricesById, readPrices } from "#lib/billing/audit/our-prices.ts";
import {
  type Charge,
  type CreditNote,
  returnedShareOf,
  withheldOf,
} from "#lib/billing/audit/returned-money.ts";
import { callStripe, callStripeOrNull, stripe } from "#lib/gateways/stripe/client.ts";

type Client = ReturnType<typeof stripe>;
type Invoice = Client extends { invoices: { list(...args: never[]): AsyncIterable<infer I> } } ? I : never;
type Line = Invoice["lines"]["data"][number];
type Subscription = Client extends { subscriptions: { list(...args: never[]): AsyncIterable<infer S> } }
  ? S
  : never;

const limit = 100;

/**
 * Reads everything that decides what a workspace paid for directly from Stripe, page by page: invoices with
 * all lines, charges with refunds and disputes, credit notes, paid Checkouts without an invoice, and
 * subscriptions; also those of deleted customers.
 * @param customerIds the workspace's customers, present and former
 * @param knownInvoiceIds invoices of the workspace in our tables; customers that only they name are read too
 * @throws AppError billing_unavailable
 */
export async function readStripe(
  customerIds: readonly string[],
  knownInvoiceIds: readonly string[],
): Promise<StripeFacts> {
  const prices = await readPrices();
  const facts: StripeFacts = { customerIds: [], invoices: [], topUps: [], subscriptions: [], balances: [] };
  for (const customerId of customerIds) await readCustomer(customerId, prices, facts);
  for (const invoiceId of knownInvoiceIds) {
    if (facts.invoices.some(({ id }) => id === invoiceId)) continue;
    const found = await callStripeOrNull(() => stripe().invoices.retrieve(invoiceId));
    const customerId = idOf(found?.customer ?? null);
    if (customerId !== null && !facts.customerIds.includes(customerId))
      await readCustomer(customerId, prices, facts);
  }
  return facts;
}

async function readCustomer(customer: string, prices: PricesById, facts: StripeFacts): Promise<void> {
  const query = { customer, limit };
  const [invoices, charges, notes, subscriptions, sessions] = await callStripe(() =>
    Promise.all([
      collect(stripe().invoices.list({ ...query, expand: ["data.payments"] })),
      collect(stripe().charges.list(query)),
      collect(stripe().creditNotes.list(query)),
      collect(stripe().subscriptions.list({ ...query, status: "all" })),
      collect(stripe().checkout.sessions.list(query)),
    ]),
  );
  const payments = await withDisputes(charges.filter(({ paid, captured }) => paid && captured));
  const paymentIdsOf = ({ payments: list }: Invoice) =>
    (list?.data ?? []).map(({ payment }) => idOf(payment.payment_intent ?? null));
  const invoiced = new Set(invoices.flatMap(paymentIdsOf));
  facts.customerIds.push(customer);
  for (const invoice of invoices) {
    const lines = invoice.lines.has_more ? await readLines(invoice.id) : invoice.lines.data;
    const paidBy = paymentIdsOf(invoice);
    const own = {
      charges: payments.filter(({ paymentId }) => paymentId !== null && paidBy.includes(paymentId)),
      notes: notes.filter(({ invoice: of, status }) => idOf(of) === invoice.id && status === "issued"),
    };
    facts.invoices.push(toInvoice(invoice, customer, lines, prices, own));
  }
  // A deleted customer has no balance any more.
  const balance = await callStripeOrNull(() =>
    collect(stripe().customers.listBalanceTransactions(customer, { limit })),
  );
  const debits = (balance ?? []).filter(({ type, amount }) => type === "adjustment" && amount > 0);
  const debited = debits.reduce((sum, { amount }) => sum + amount, 0);
  if (balance !== null) facts.balances.push({ customerId: customer, debited });
  facts.subscriptions.push(...subscriptions.map((each) => toSubscription(each, prices)));
  for (const { id, mode, payment_status: status, payment_intent: payment } of sessions) {
    const paymentId = idOf(payment);
    if (mode === "payment" && status === "paid" && paymentId !== null && !invoiced.has(paymentId))
      facts.topUps.push(await readTopUp(id, paymentId, prices, payments));
  }
}

async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of list) found.push(each);
  return found;
}

const readLines = (invoiceId: string): Promise<Line[]> =>
  callStripe(() => collect(stripe().invoices.listLineItems(invoiceId, { limit })));

type Paid = Charge & { paymentId: string | null };

async function withDisputes(
  charges: { id: string; amount: number; amount_refunded: number; disputed: boolean; payment_intent: Ref }[],
): Promise<Paid[]> {
  return Promise.all(
    charges.map(async ({ id, amount, amount_refunded: refunded, disputed, payment_intent: payment }) => {
      const disputes = disputed
        ? await callStripe(() => collect(stripe().disputes.list({ charge: id, limit })))
        : [];
      return { amount, withheld: withheldOf(amount, refunded, disputes), paymentId: idOf(payment) };
    }),
  );
}

function toInvoice(
  invoice: Invoice,
  customerId: string,
  lines: readonly Line[],
  prices: PricesById,
  { charges, notes }: { charges: Charge[]; notes: CreditNote[] },
): AuditedInvoice {
  const priced = lines.map((line) => ({
    line,
    price: prices.get(idOf(line.pricing?.price_details?.price ?? null) ?? ""),
  }));
  const ours = priced.filter(({ price }) => price !== undefined).map(({ line }) => line);
  const { id, status, created, attempt_count: attemptCount, total, currency } = invoice;
  const { finalized_at: finalized, paid_at: paid } = invoice.status_transitions;
  return {
    ...{
      id,
      customerId,
      attemptCount,
      total,
      currency,
      status: status ?? "draft",
      createdMs: created * 1_000,
    },
    subscriptionId: idOf(invoice.parent?.subscription_details?.subscription ?? null),
    finalizedMs: msOf(finalized),
    dueMs: msOf(invoice.due_date),
    paidMs: msOf(paid),
    returned: returnedShareOf(total, ours, charges, notes),
    planLines: priced.flatMap(({ line, price }) => toPlanLine(line, price, invoice)),
    topUpMicros: priced.reduce((sum, { line, price }) => sum + topUpMicrosOf(line, price), 0),
  };
}

/** A line of a subscription's item; other lines at our prices sell no time. */
function toPlanLine(line: Line, price: OurPrice | undefined, { id, parent }: Invoice): PlanLine[] {
  const item = line.parent?.subscription_item_details ?? null;
  if (price?.kind !== "plan" || item === null || line.amount === 0) return [];
  const subscriptionId = item.subscription ?? idOf(parent?.subscription_details?.subscription ?? null);
  const { allowanceMicros, interval } = price;
  return [
    {
      ...{ invoiceId: id, allowanceMicros, interval, isProration: item.proration },
      subscriptionId: subscriptionId ?? item.subscription_item,
      quantity: line.quantity ?? 1,
      sign: line.amount > 0 ? 1 : -1,
      fromMs: line.period.start * 1_000,
      toMs: line.period.end * 1_000,
    },
  ];
}

function topUpMicrosOf({ amount, quantity }: Line, price: OurPrice | undefined): number {
  return price?.kind === "top_up" && amount > 0 ? price.micros * (quantity ?? 1) : 0;
}

function toSubscription(subscription: Subscription, prices: PricesById): AuditedSubscription {
  const { id, status, created, trial_end: trialEnd, pause_collection: pause, items } = subscription;
  return {
    ...{ id, status, createdMs: created * 1_000, trialEndMs: msOf(trialEnd), isPaused: pause !== null },
    items: items.data.flatMap((item) => {
      const price = prices.get(item.price.id);
      if (price?.kind !== "plan") return [];
      return [{ plan: price.plan, rank: price.rank, fromMs: item.current_period_start * 1_000 }];
    }),
  };
}

async function readTopUp(
  sessionId: string,
  paymentId: string,
  prices: PricesById,
  payments: readonly Paid[],
): Promise<AuditedTopUp> {
  const lines = await callStripe(() =>
    collect(stripe().checkout.sessions.listLineItems(sessionId, { limit })),
  );
  const micros = lines.map(({ price, quantity }) => {
    const ours = prices.get(price?.id ?? "");
    return ours?.kind === "top_up" ? ours.micros * (quantity ?? 1) : 0;
  });
  const charge = payments.find((each) => each.paymentId === paymentId);
  return {
    paymentId,
    micros: micros.reduce((sum, each) => sum + each, 0),
    returned: charge === undefined || charge.amount === 0 ? zero : fraction(charge.withheld, charge.amount),
  };
}

type Ref = string | { id: string } | null;

function idOf(ref: Ref): string | null {
  return ref === null || typeof ref === "string" ? ref : ref.id;
}

function msOf(seconds: number | null): number | null {
  return seconds === null ? null : seconds * 1_000;
}
