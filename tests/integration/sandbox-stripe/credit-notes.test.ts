import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  failureOf,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
let customer: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sandbox.stripe;
  customer = (await stripe.customers.create({ email: "ada@example.com" })).id;
  const card = await stripe.paymentMethods.attach("pm_card_visa", { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
});
afterEach(() => sandbox.stop());

/** An open invoice of these amounts. */
async function bill(amounts: number[], more: Partial<Stripe.InvoiceCreateParams> = {}) {
  const { id } = await stripe.invoices.create({ customer, ...more });
  for (const amount of amounts) {
    await stripe.invoiceItems.create({ customer, invoice: id, amount, currency: "usd" });
  }
  return stripe.invoices.finalizeInvoice(id);
}

const balance = async () => {
  const found = await stripe.customers.retrieve(customer);
  return found.deleted ? null : found.balance;
};

describe("credit notes", () => {
  test("a credit note reduces an open invoice, and voiding the note restores the amount", async () => {
    const invoice = await bill([2000, 1000]);
    const [first] = invoice.lines.data;
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      lines: [{ type: "invoice_line_item", invoice_line_item: first?.id ?? "", amount: 500 }],
      reason: "order_change",
    });
    expect(note).toMatchObject({
      type: "pre_payment",
      pre_payment_amount: 500,
      post_payment_amount: 0,
      number: `${invoice.number}-CN-01`,
      status: "issued",
    });
    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({
      total: 3000,
      amount_due: 2500,
      amount_remaining: 2500,
      pre_payment_credit_notes_amount: 500,
    });
    expect(await stripe.creditNotes.voidCreditNote(note.id)).toMatchObject({ status: "void" });
    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({
      amount_due: 3000,
      pre_payment_credit_notes_amount: 0,
    });
    expect((await failureOf(stripe.creditNotes.voidCreditNote(note.id))).statusCode).toBe(400);
    const types = (await all(stripe.events.list({ type: "credit_note.*" }))).map(({ type }) => type);
    expect(types).toEqual(["credit_note.voided", "credit_note.created"]);
  });

  test("a credit note over the full amount pays the invoice, and the card is not charged", async () => {
    const invoice = await bill([2000]);
    await stripe.creditNotes.create({ invoice: invoice.id, amount: 1500 });
    expect((await stripe.paymentIntents.list({ customer })).data[0]?.amount).toBe(500);
    await stripe.creditNotes.create({ invoice: invoice.id, amount: 500 });
    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({
      status: "paid",
      amount_due: 0,
      amount_paid: 0,
      pre_payment_credit_notes_amount: 2000,
    });
    expect((await stripe.paymentIntents.list({ customer })).data[0]?.status).toBe("canceled");
    const more = stripe.creditNotes.create({ invoice: invoice.id, amount: 1 });
    expect((await failureOf(more)).param).toBe("amount");
  });

  test("a credit note on a paid invoice is split into refund, balance and out-of-band amounts", async () => {
    const invoice = await bill([2000]);
    await stripe.invoices.pay(invoice.id);
    const some = { invoice: invoice.id, amount: 1500 };
    expect((await failureOf(stripe.creditNotes.create(some))).message).toContain("must equal");
    const split = { ...some, refund_amount: 700, credit_amount: 500, out_of_band_amount: 300 };
    const note = await stripe.creditNotes.create({ ...split, expand: ["refunds.refund"] });
    expect(note).toMatchObject({ type: "post_payment", post_payment_amount: 1500 });
    expect(note.refunds[0]).toMatchObject({ amount_refunded: 700, refund: { amount: 700 } });
    expect(await balance()).toBe(-500);
    const [movement] = await all(stripe.customers.listBalanceTransactions(customer));
    expect(movement).toMatchObject({ type: "credit_note", credit_note: note.id, ending_balance: -500 });
    expect(note.customer_balance_transaction).toBe(movement?.id);
    expect(await stripe.invoices.retrieve(invoice.id)).toMatchObject({
      status: "paid",
      amount_due: 2000,
      amount_paid: 2000,
      post_payment_credit_notes_amount: 1500,
    });
    expect((await stripe.charges.list({ customer })).data[0]?.amount_refunded).toBe(700);
    expect((await failureOf(stripe.creditNotes.voidCreditNote(note.id))).statusCode).toBe(400);
    const tooMuch = { invoice: invoice.id, amount: 501, credit_amount: 501 };
    expect((await failureOf(stripe.creditNotes.create(tooMuch))).param).toBe("amount");
  });

  test("credit notes on a discounted line return its discounts proportionally, to the cent", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 33 });
    const invoice = await bill([1000], { discounts: [{ coupon: coupon.id }] });
    expect(invoice.total).toBe(670);
    const line = invoice.lines.data[0]?.id ?? "";
    const credit = (amount: number) => ({
      invoice: invoice.id,
      lines: [{ type: "invoice_line_item" as const, invoice_line_item: line, amount }],
    });
    const preview = await stripe.creditNotes.preview(credit(101));
    expect(preview).toMatchObject({ subtotal: 101, discount_amount: 33, amount: 68 });
    expect((await stripe.creditNotes.list()).data).toEqual([]);
    const amounts = [];
    for (const part of [101, 101, 798]) amounts.push((await stripe.creditNotes.create(credit(part))).amount);
    expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBe(670);
    expect((await stripe.invoices.retrieve(invoice.id)).status).toBe("paid");
  });

  test("a credit note can be retrieved and listed, with number, lines and PDF", async () => {
    const invoice = await bill([2000]);
    const note = await stripe.creditNotes.create({
      invoice: invoice.id,
      lines: [{ type: "custom_line_item", description: "Sorry", unit_amount: 150, quantity: 2 }],
    });
    expect(note.amount).toBe(300);
    expect(await stripe.creditNotes.update(note.id, { memo: "With thanks" })).toMatchObject({
      memo: "With thanks",
    });
    expect((await stripe.creditNotes.list({ invoice: invoice.id })).data).toHaveLength(1);
    const [line] = (await stripe.creditNotes.listLineItems(note.id)).data;
    expect(line).toMatchObject({ description: "Sorry", amount: 300, type: "custom_line_item" });
    const pdf = await fetch(note.pdf);
    expect(pdf.headers.get("content-type")).toBe("application/pdf");
    expect((await pdf.text()).startsWith("%PDF-")).toBe(true);
  });
});
