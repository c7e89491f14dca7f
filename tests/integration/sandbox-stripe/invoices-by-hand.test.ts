import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  iso,
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
});
afterEach(() => sandbox.stop());

const advance = (params: { seconds?: number; to?: string }) => sandbox.control("clock/advance", params);

async function giveCard(readyMade = "pm_card_visa") {
  const card = await stripe.paymentMethods.attach(readyMade, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
}

const owe = (amount: number, more: Partial<Stripe.InvoiceItemCreateParams> = {}) =>
  stripe.invoiceItems.create({ customer, amount, currency: "usd", description: "Work", ...more });

const eventsOf = async (type: string) => (await all(stripe.events.list({ type }))).reverse();

describe("invoice items", () => {
  test("an invoice item waits for the next invoice or is added to a given draft", async () => {
    const waiting = await owe(1000);
    const draft = await stripe.invoices.create({ customer });
    expect(draft).toMatchObject({ status: "draft", total: 0, auto_advance: false, billing_reason: "manual" });
    const assigned = await owe(2500, { invoice: draft.id });
    expect(assigned.invoice).toBe(draft.id);
    expect(await stripe.invoices.retrieve(draft.id)).toMatchObject({ total: 2500, amount_due: 2500 });
    expect((await stripe.invoiceItems.list({ customer, pending: true })).data.map(({ id }) => id)).toEqual([
      waiting.id,
    ]);
    const next = await stripe.invoices.create({ customer, pending_invoice_items_behavior: "include" });
    expect(next.lines.data.map((line) => line.amount)).toEqual([1000]);
  });

  test("an invoice item accepts price and quantity and can be changed until the invoice is finalized", async () => {
    const product = await stripe.products.create({ name: "Hour" });
    const price = await stripe.prices.create({ product: product.id, currency: "usd", unit_amount: 9000 });
    const draft = await stripe.invoices.create({ customer });
    const hours = await stripe.invoiceItems.create({
      customer,
      invoice: draft.id,
      pricing: { price: price.id },
      quantity: 2,
    });
    const total = async () => (await stripe.invoices.retrieve(draft.id)).total;
    expect(await total()).toBe(18_000);
    expect(await stripe.invoiceItems.update(hours.id, { quantity: 3 })).toMatchObject({ amount: 27_000 });
    const travel = await owe(500, { invoice: draft.id });
    expect(await total()).toBe(27_500);
    expect(await stripe.invoiceItems.del(travel.id)).toMatchObject({ deleted: true });
    expect(await total()).toBe(27_000);
    await stripe.invoices.finalizeInvoice(draft.id);
    const late = [
      stripe.invoiceItems.update(hours.id, { quantity: 1 }),
      stripe.invoiceItems.del(hours.id),
      owe(1, { invoice: draft.id }),
      stripe.invoices.update(draft.id, { days_until_due: 3 }),
    ];
    for (const call of late) expect((await failureOf(call)).code).toBe("invoice_not_editable");
    expect(await total()).toBe(27_000);
  });

  test("invoice items accept discounts, and lines can be updated in bulk", async () => {
    const coupon = await stripe.coupons.create({ percent_off: 10, duration: "forever" });
    const draft = await stripe.invoices.create({ customer });
    const added = await stripe.invoices.addLines(draft.id, {
      lines: [
        { amount: 1000, description: "A", discounts: [{ coupon: coupon.id }] },
        { amount: 3000, description: "B" },
        { amount: -500, description: "Goodwill" },
      ],
      invoice_metadata: { order: "7" },
    });
    expect(added).toMatchObject({ subtotal: 3400, total: 3400, metadata: { order: "7" } });
    const half = await stripe.coupons.create({ percent_off: 50 });
    const cut = await stripe.invoices.update(draft.id, { discounts: [{ coupon: half.id }] });
    // Half of 9.00 and of 30.00; credits are not discounted.
    expect(cut.total).toBe(450 + 1500 - 500);
    const [a, b] = cut.lines.data;
    const changed = await stripe.invoices.updateLines(draft.id, {
      lines: [{ id: b?.id ?? "", amount: 2000, description: "Less of B" }],
    });
    expect(changed.total).toBe(450 + 1000 - 500);
    expect(changed.lines.data[1]).toMatchObject({ id: b?.id, description: "Less of B" });
    const removed = await stripe.invoices.removeLines(draft.id, {
      lines: [{ id: a?.id ?? "", behavior: "unassign" }],
    });
    expect(removed.total).toBe(1000 - 500);
    expect((await stripe.invoiceItems.list({ pending: true })).data).toHaveLength(1);
  });
});

describe("manually created invoices", () => {
  test("a manual invoice can be sent, become overdue and be paid out of band", async () => {
    await owe(2000);
    const draft = await stripe.invoices.create({
      customer,
      pending_invoice_items_behavior: "include",
      collection_method: "send_invoice",
      days_until_due: 7,
      footer: "Thank you",
      custom_fields: [{ name: "Order", value: "7" }],
    });
    expect(draft).toMatchObject({ due_date: draft.created + 7 * 86_400, footer: "Thank you" });
    expect(draft.custom_fields).toEqual([{ name: "Order", value: "7" }]);
    const sent = await stripe.invoices.sendInvoice(draft.id);
    expect(sent).toMatchObject({ status: "open", amount_remaining: 2000 });
    expect(await eventsOf("invoice.sent")).toHaveLength(1);
    await advance({ seconds: 8 * 86_400 });
    expect(await eventsOf("invoice.overdue")).toHaveLength(1);
    const paid = await stripe.invoices.pay(draft.id, { paid_out_of_band: true });
    expect(paid).toMatchObject({ status: "paid", amount_paid: 2000, amount_remaining: 0 });
    expect((await stripe.charges.list({ customer })).data).toEqual([]);
    const [intent] = (await stripe.paymentIntents.list({ customer })).data;
    expect(intent?.status).toBe("canceled");
  });

  test("a manual invoice with auto_advance is finalized and charged after an hour; others stay drafts", async () => {
    await giveCard();
    const staying = await stripe.invoices.create({ customer });
    const going = await stripe.invoices.create({ customer, auto_advance: true });
    await owe(1500, { invoice: going.id });
    expect(iso(going.automatically_finalizes_at)).toBe(iso(going.created + 3600));
    await advance({ seconds: 3601 });
    expect(await stripe.invoices.retrieve(going.id)).toMatchObject({ status: "paid", amount_paid: 1500 });
    expect((await stripe.invoices.retrieve(staying.id)).status).toBe("draft");
    await stripe.invoices.update(staying.id, { auto_advance: true });
    await advance({ seconds: 3601 });
    expect((await stripe.invoices.retrieve(staying.id)).status).toBe("paid");
  });

  test("a manual invoice with a declined card is retried and can be paid with another card", async () => {
    await giveCard("pm_card_chargeCustomerFail");
    const { id } = await stripe.invoices.create({ customer, auto_advance: true });
    await owe(1500, { invoice: id });
    await stripe.invoices.finalizeInvoice(id);
    const failed = await stripe.invoices.retrieve(id);
    expect(failed).toMatchObject({ status: "open", attempt_count: 1 });
    expect(iso(failed.next_payment_attempt)).toBe(iso(failed.created + 86_400));
    await advance({ seconds: 86_400 + 1 });
    expect((await stripe.invoices.retrieve(id)).attempt_count).toBe(2);
    expect((await failureOf(stripe.invoices.pay(id))).type).toBe("StripeCardError");
    const good = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    expect(await stripe.invoices.pay(id, { payment_method: good.id })).toMatchObject({ status: "paid" });
  });

  test("a manual invoice can be voided or written off when open and deleted while a draft", async () => {
    const make = async () => {
      const { id } = await stripe.invoices.create({ customer });
      await owe(900, { invoice: id });
      return id;
    };
    const voided = await make();
    expect((await failureOf(stripe.invoices.voidInvoice(voided))).statusCode).toBe(400);
    await stripe.invoices.finalizeInvoice(voided);
    expect(await stripe.invoices.voidInvoice(voided)).toMatchObject({ status: "void" });
    const lost = await make();
    await stripe.invoices.finalizeInvoice(lost);
    expect(await stripe.invoices.markUncollectible(lost)).toMatchObject({ status: "uncollectible" });
    expect(await stripe.invoices.pay(lost, { paid_out_of_band: true })).toMatchObject({ status: "paid" });
    const dropped = await make();
    expect(await stripe.invoices.del(dropped)).toMatchObject({ id: dropped, deleted: true });
    expect(await eventsOf("invoice.deleted")).toHaveLength(1);
    expect((await stripe.invoiceItems.list({ pending: true })).data).toEqual([]);
    const plan = await createPlan(stripe, "Pro", 1900);
    await giveCard();
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: plan.month.id }] });
    await advance({ to: iso(subscription.items.data[0]?.current_period_end) });
    const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
    expect(renewal?.status).toBe("draft");
    expect((await failureOf(stripe.invoices.del(renewal?.id ?? ""))).statusCode).toBe(400);
  });
});

describe("the customer balance", () => {
  const balance = async () => {
    const found = await stripe.customers.retrieve(customer);
    return found.deleted ? null : found.balance;
  };

  test("the customer balance pays invoices first, returns when one is voided and has a transaction per change", async () => {
    const credit = { amount: -1200, currency: "usd", description: "Goodwill" };
    const given = await stripe.customers.createBalanceTransaction(customer, credit);
    expect(given).toMatchObject({ type: "adjustment", ending_balance: -1200 });
    const { id } = await stripe.invoices.create({ customer });
    await owe(2000, { invoice: id });
    const open = await stripe.invoices.finalizeInvoice(id);
    expect(open).toMatchObject({ total: 2000, amount_due: 800, starting_balance: -1200, ending_balance: 0 });
    await stripe.invoices.voidInvoice(id);
    expect(await balance()).toBe(-1200);
    await stripe.customers.update(customer, { balance: -200 });
    const rows = await all(stripe.customers.listBalanceTransactions(customer));
    expect(rows.map(({ type, amount, ending_balance: ending }) => [type, amount, ending])).toEqual([
      ["adjustment", 1000, -200],
      ["unapplied_from_invoice", -1200, -1200],
      ["applied_to_invoice", 1200, 0],
      ["adjustment", -1200, -1200],
    ]);
    const [latest] = rows;
    const found = await stripe.customers.retrieveBalanceTransaction(customer, latest?.id ?? "");
    expect(found).toEqual(latest);
    // Each currency has its own balance.
    await stripe.customers.createBalanceTransaction(customer, { amount: -300, currency: "eur" });
    const owner = await stripe.customers.retrieve(customer, { expand: ["invoice_credit_balance"] });
    expect(owner).toMatchObject({ balance: -200, invoice_credit_balance: { usd: 200, eur: 300 } });
  });
});
