import fc from "fast-check";
import Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anyMoneyMove, type Till } from "#tests/integration/sandbox-stripe/money-moves.ts";
import { all, type SandboxClient, startSandbox } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { randomRuns } from "#tests/random-budget.ts";

let sandbox: SandboxClient;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());

test("totals add up and the balance is reproducible after any sequence of discounts, credit notes and refunds", async () => {
  const history = fc.array(anyMoneyMove, { minLength: 6, maxLength: 24 });
  await fc.assert(
    fc.asyncProperty(history, async (moves) => {
      const till = await openTill();
      for (const move of moves) await attempt(till, move);
      const invoices = await all(sandbox.stripe.invoices.list({ limit: 100 }));
      const notes = await all(sandbox.stripe.creditNotes.list({ limit: 100 }));
      for (const invoice of invoices) {
        expectLinesToSum(invoice);
        expectNothingLost(invoice, notes);
      }
      for (const note of notes) expectNoteToSum(note);
      await expectBalanceToReplay(till.customer, invoices);
      await expectRefundsWithinCharges();
      await expectCouponsWithinLimits();
    }),
    { numRuns: randomRuns(25, 60) },
  );
}, 300_000);

async function openTill(): Promise<Till> {
  await sandbox.control("reset", {});
  const { stripe } = sandbox;
  const product = await stripe.products.create({ name: "Plan" });
  const price = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 1999,
    recurring: { interval: "month" },
  });
  const big = await stripe.prices.create({
    product: product.id,
    currency: "usd",
    unit_amount: 9900,
    recurring: { interval: "month" },
  });
  const customer = await stripe.customers.create({ email: "ada@example.com" });
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer: customer.id });
  const settings = { default_payment_method: card.id };
  await stripe.customers.update(customer.id, { invoice_settings: settings });
  const coupons = [
    await stripe.coupons.create({ percent_off: 33.3, duration: "forever" }),
    await stripe.coupons.create({ percent_off: 12.5, duration: "once" }),
    await stripe.coupons.create({
      amount_off: 777,
      currency: "usd",
      duration: "repeating",
      duration_in_months: 2,
    }),
    await stripe.coupons.create({
      percent_off: 50,
      max_redemptions: 2,
      applies_to: { products: [product.id] },
    }),
  ];
  const { id: subscription } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  });
  return {
    sandbox,
    customer: customer.id,
    subscription,
    coupons: coupons.map(({ id }) => id),
    prices: [price.id, big.id],
  };
}

/** Executes an action. A rejection by Stripe's rules is fine, a sandbox failure is not. */
async function attempt(till: Till, move: (till: Till) => Promise<unknown>): Promise<void> {
  try {
    await move(till);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError) return;
    if (error instanceof Stripe.errors.StripeCardError) return;
    throw error;
  }
}

function sum(amounts: (number | null | undefined)[]): number {
  return amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0);
}

function expectLinesToSum(invoice: Stripe.Invoice): void {
  const gross = sum(invoice.lines.data.map((line) => line.amount));
  const off = invoice.lines.data.map((line) =>
    sum((line.discount_amounts ?? []).map(({ amount }) => amount)),
  );
  const discounts = sum((invoice.total_discount_amounts ?? []).map(({ amount }) => amount));
  expect(gross - sum(off), `the lines of ${invoice.id} less their discounts`).toBe(invoice.total);
  expect(discounts, `the discounts of ${invoice.id}`).toBe(sum(off));
  for (const [position, line] of invoice.lines.data.entries()) {
    if (off[position])
      expect(off[position], "no line is discounted below zero").toBeLessThanOrEqual(line.amount);
  }
}

function expectNothingLost(invoice: Stripe.Invoice, notes: Stripe.CreditNote[]): void {
  const { amount_due: due, amount_paid: paid, amount_remaining: remaining } = invoice;
  expect(paid + remaining, `paid and remaining of ${invoice.id}`).toBe(due);
  expect(Math.min(due, paid, remaining)).toBeGreaterThanOrEqual(0);
  const issued = notes.filter((note) => note.invoice === invoice.id && note.status === "issued");
  const credited = sum(issued.map((note) => note.pre_payment_amount));
  expect(invoice.pre_payment_credit_notes_amount).toBe(credited);
  expect(invoice.post_payment_credit_notes_amount).toBe(sum(issued.map((note) => note.post_payment_amount)));
  expect(sum(issued.map((note) => note.amount))).toBeLessThanOrEqual(Math.max(0, invoice.total));
  if (invoice.status === "draft") return;
  const applied = (invoice.ending_balance ?? 0) - invoice.starting_balance;
  expect(due + credited + applied, `due, credited and applied of ${invoice.id}`).toBe(invoice.total);
}

function expectNoteToSum(note: Stripe.CreditNote): void {
  const lines = sum(note.lines.data.map((line) => line.amount - line.discount_amount));
  expect(lines).toBe(note.amount);
  expect(note.pre_payment_amount + note.post_payment_amount).toBe(note.amount);
  expect(sum(note.discount_amounts.map(({ amount }) => amount))).toBe(note.discount_amount);
}

async function expectBalanceToReplay(customer: string, invoices: Stripe.Invoice[]): Promise<void> {
  const { stripe } = sandbox;
  const movements = await all(stripe.customers.listBalanceTransactions(customer, { limit: 100 }));
  let balance = 0;
  for (const { amount, ending_balance: ending } of movements.reverse()) {
    balance += amount;
    expect(ending, "each transaction contains its ending balance").toBe(balance);
  }
  for (const invoice of invoices) {
    const own = movements.filter((row) => row.invoice === invoice.id && row.type !== "credit_note");
    const isFree = invoice.status === "draft" || invoice.status === "void";
    const applied = isFree ? 0 : (invoice.ending_balance ?? 0) - invoice.starting_balance;
    expect(sum(own.map(({ amount }) => amount)), `what ${invoice.id} took of the balance`).toBe(applied);
  }
  const present = await stripe.customers.retrieve(customer);
  expect(present.deleted ? null : present.balance).toBe(balance);
}

async function expectRefundsWithinCharges(): Promise<void> {
  const { stripe } = sandbox;
  const refunds = await all(stripe.refunds.list({ limit: 100 }));
  for (const charge of await all(stripe.charges.list({ limit: 100 }))) {
    const back = sum(refunds.filter((refund) => refund.charge === charge.id).map(({ amount }) => amount));
    expect(charge.amount_refunded).toBe(back);
    expect(back).toBeLessThanOrEqual(charge.amount_captured);
  }
}

async function expectCouponsWithinLimits(): Promise<void> {
  for (const coupon of await all(sandbox.stripe.coupons.list({ limit: 100 }))) {
    const limit = coupon.max_redemptions ?? Number.POSITIVE_INFINITY;
    expect(coupon.times_redeemed).toBeLessThanOrEqual(limit);
    expect(coupon.valid).toBe(coupon.times_redeemed < limit);
  }
}
