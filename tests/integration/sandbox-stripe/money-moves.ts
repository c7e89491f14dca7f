import fc from "fast-check";
import type Stripe from "stripe";
import type { SandboxClient } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

/** The objects of one run. */
export type Till = {
  sandbox: SandboxClient;
  customer: string;
  subscription: string;
  coupons: string[];
  prices: string[];
};
type Move = (till: Till) => Promise<unknown>;

const cents = fc.integer({ min: 1, max: 20_000 });
const some = fc.nat({ max: 3 });
const part = fc.double({ min: 0, max: 1, noNaN: true });

/** An action that changes what a customer owes or is owed. */
export const anyMoneyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 45 }).map(passDays) },
  { weight: 5, arbitrary: fc.tuple(fc.array(cents, { minLength: 1, maxLength: 4 }), some, some).map(bill) },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.integer({ min: -5000, max: 20_000 }), some, fc.boolean()).map(addItem),
  },
  { weight: 2, arbitrary: fc.tuple(some, fc.boolean(), fc.boolean()).map(makeInvoice) },
  { weight: 2, arbitrary: some.map(discountSubscription) },
  { weight: 1, arbitrary: fc.constant(takeDiscountsOff) },
  { weight: 2, arbitrary: fc.tuple(some, fc.boolean()).map(changePlan) },
  { weight: 2, arbitrary: fc.tuple(some, cents).map(editDraft) },
  {
    weight: 4,
    arbitrary: fc.constantFrom("finalize", "pay", "outside", "void", "write off", "delete").map(settle),
  },
  { weight: 5, arbitrary: fc.tuple(some, part, fc.boolean()).map(creditLines) },
  { weight: 3, arbitrary: fc.tuple(part, part).map(creditAmount) },
  { weight: 2, arbitrary: fc.constant(takeCreditBack) },
  { weight: 2, arbitrary: fc.integer({ min: -9000, max: 3000 }).map(moveBalance) },
  { weight: 1, arbitrary: cents.map(refund) },
);

function passDays(days: number): Move {
  return ({ sandbox }) => sandbox.control("clock/advance", { seconds: days * 86_400 });
}

/** Creates an open invoice with discounts on its first line and on the whole invoice. */
function bill([amounts, ofLine, ofInvoice]: [number[], number, number]): Move {
  return async ({ sandbox: { stripe }, customer, coupons }) => {
    const discounts = (at: number) => [{ coupon: coupons[at] ?? "" }];
    const { id } = await stripe.invoices.create({ customer, discounts: discounts(ofInvoice) });
    const lines = amounts.map((amount, at) => ({
      amount,
      description: "Work",
      ...(at === 0 ? { discounts: discounts(ofLine) } : {}),
    }));
    await stripe.invoices.addLines(id, { lines });
    await stripe.invoices.finalizeInvoice(id);
  };
}

function addItem([amount, coupon, isDiscounted]: [number, number, boolean]): Move {
  return ({ sandbox: { stripe }, customer, coupons }) =>
    stripe.invoiceItems.create({
      customer,
      amount,
      currency: "usd",
      ...(isDiscounted ? { discounts: [{ coupon: coupons[coupon] ?? "" }] } : {}),
    });
}

function makeInvoice([coupon, isDiscounted, advances]: [number, boolean, boolean]): Move {
  return ({ sandbox: { stripe }, customer, coupons }) =>
    stripe.invoices.create({
      customer,
      auto_advance: advances,
      pending_invoice_items_behavior: "include",
      ...(isDiscounted ? { discounts: [{ coupon: coupons[coupon] ?? "" }] } : {}),
    });
}

function discountSubscription(coupon: number): Move {
  return ({ sandbox: { stripe }, subscription, coupons }) =>
    stripe.subscriptions.update(subscription, { discounts: [{ coupon: coupons[coupon] ?? "" }] });
}

function takeDiscountsOff({ sandbox: { stripe }, subscription }: Till): Promise<unknown> {
  return stripe.subscriptions.deleteDiscount(subscription);
}

function changePlan([price, isBilledNow]: [number, boolean]): Move {
  return async ({ sandbox: { stripe }, subscription, prices }) => {
    const { items } = await stripe.subscriptions.retrieve(subscription);
    await stripe.subscriptions.update(subscription, {
      items: [{ id: items.data[0]?.id ?? "", price: prices[price % 2] ?? "" }],
      proration_behavior: isBilledNow ? "always_invoice" : "create_prorations",
    });
  };
}

/** The latest invoice in a state, or undefined. */
async function latest(
  { sandbox: { stripe }, customer }: Till,
  ...statuses: ("draft" | "open" | "paid")[]
): Promise<Stripe.Invoice | undefined> {
  const { data } = await stripe.invoices.list({ customer, limit: 50 });
  return data.find(({ status }) => statuses.some((wanted) => wanted === status));
}

function editDraft([coupon, amount]: [number, number]): Move {
  return async (till) => {
    const { stripe } = till.sandbox;
    const draft = await latest(till, "draft");
    if (!draft) return;
    await stripe.invoices.update(draft.id, { discounts: [{ coupon: till.coupons[coupon] ?? "" }] });
    await stripe.invoices.addLines(draft.id, { lines: [{ amount, description: "More" }] });
  };
}

function settle(how: string): Move {
  return async (till) => {
    const { stripe } = till.sandbox;
    const invoice = await latest(till, how === "finalize" || how === "delete" ? "draft" : "open");
    if (!invoice) return;
    if (how === "finalize") await stripe.invoices.finalizeInvoice(invoice.id);
    if (how === "delete") await stripe.invoices.del(invoice.id);
    if (how === "pay") await stripe.invoices.pay(invoice.id);
    if (how === "outside") await stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
    if (how === "void") await stripe.invoices.voidInvoice(invoice.id);
    if (how === "write off") await stripe.invoices.markUncollectible(invoice.id);
  };
}

/** Credits part of a line; the paid part goes to the balance or is refunded. */
function creditLines([at, share, isRefunded]: [number, number, boolean]): Move {
  return async (till) => {
    const { stripe } = till.sandbox;
    const invoice = await latest(till, "open", "paid");
    const line = invoice?.lines.data[at % Math.max(1, invoice.lines.data.length)];
    if (!invoice || !line) return;
    const amount = Math.max(1, Math.round(line.amount * share));
    const params: Stripe.CreditNoteCreateParams = {
      invoice: invoice.id,
      lines: [{ type: "invoice_line_item", invoice_line_item: line.id, amount }],
    };
    const discounts = (line.discount_amounts ?? []).reduce((sum, each) => sum + each.amount, 0);
    const about = amount - Math.floor((discounts * amount) / line.amount) - invoice.amount_remaining;
    const owed = Math.max(0, about);
    await stripe.creditNotes.create({
      ...params,
      ...(isRefunded ? { refund_amount: owed } : { credit_amount: owed }),
    });
  };
}

function creditAmount([share, split]: [number, number]): Move {
  return async (till) => {
    const invoice = await latest(till, "open", "paid");
    if (!invoice) return;
    const amount = Math.max(1, Math.round(invoice.total * share));
    const owed = Math.max(0, amount - invoice.amount_remaining);
    const credited = Math.round(owed * split);
    await till.sandbox.stripe.creditNotes.create({
      invoice: invoice.id,
      amount,
      credit_amount: credited,
      out_of_band_amount: owed - credited,
    });
  };
}

async function takeCreditBack({ sandbox: { stripe } }: Till): Promise<void> {
  const [note] = (await stripe.creditNotes.list({ limit: 1 })).data;
  if (note) await stripe.creditNotes.voidCreditNote(note.id);
}

function moveBalance(amount: number): Move {
  return ({ sandbox: { stripe }, customer }) =>
    stripe.customers.createBalanceTransaction(customer, { amount, currency: "usd" });
}

function refund(amount: number): Move {
  return async ({ sandbox: { stripe }, customer }) => {
    const [charge] = (await stripe.charges.list({ customer, limit: 1 })).data;
    if (charge) await stripe.refunds.create({ charge: charge.id, amount });
  };
}
