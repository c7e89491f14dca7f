import type Stripe from "stripe";
import {
  type Action,
  type ActionContext,
  pickDiscounts,
  pickInvoice,
  pickStart,
  pickSubscription,
  priceOf,
  updateSubscription,
} from "#tests/orders/action-context.ts";

const dayS = 86_400;
const prorations = ["create_prorations", "always_invoice", "none"] as const;
const planKeys = ["pro_month", "enterprise_month", "pro_year", "enterprise_year"];
const foreignKeys = ["support_month", "support_month", "support_eur", "support_jpy"];

/**
 * Actions of an administrator in Stripe's dashboard, and of another product that bills the same customer. The
 * product sees only their events.
 */
export const adminActions: Record<string, Action> = {
  async addPlanSubscription(context) {
    await createSubscription(context, context.random.pick(planKeys));
  },
  async addForeignSubscription(context) {
    await createSubscription(context, context.random.pick(foreignKeys));
  },
  async addForeignItem(context) {
    await addItem(context, "support_month");
  },
  async addPlanItem(context) {
    await addItem(context, context.random.pick(planKeys));
  },
  async removeItem(context) {
    const { testEnv, random } = context;
    const subscription = await pickSubscription(context);
    if (subscription === undefined || subscription.items.data.length < 2) return;
    await testEnv.stripe.subscriptionItems.del(random.pick(subscription.items.data).id, {
      proration_behavior: random.pick(prorations),
    });
  },
  /** Deletes an item and adds another in one call, instead of changing its price. */
  async swapByDeletion(context) {
    await updateSubscription(context, ({ items }) => {
      const item = context.random.pick(items.data);
      return {
        items: [{ id: item.id, deleted: true }, { price: priceOf(context, context.random.pick(planKeys)) }],
        proration_behavior: context.random.pick(prorations),
      };
    });
  },
  async changePlan(context) {
    await updateSubscription(context, ({ items }) => {
      const item = context.random.pick(items.data);
      return {
        items: [{ id: item.id, price: priceOf(context, context.random.pick(planKeys)) }],
        proration_behavior: context.random.pick(prorations),
      };
    });
  },
  async changeQuantity(context) {
    await updateSubscription(context, ({ items }) => ({
      items: [{ id: context.random.pick(items.data).id, quantity: 1 + context.random.below(3) }],
      proration_behavior: context.random.pick(prorations),
    }));
  },
  /** Extends or shortens a trial, or gives a running subscription another one. */
  async moveTrialEnd(context) {
    const now = await context.testEnv.nowSeconds();
    const days = context.random.below(25);
    await updateSubscription(context, () => ({
      trial_end: days === 0 ? "now" : now + days * dayS,
      proration_behavior: context.random.pick(prorations),
    }));
  },
  async resetBillingAnchor(context) {
    await updateSubscription(context, () => ({
      billing_cycle_anchor: { type: "now" },
      proration_behavior: context.random.pick(prorations),
    }));
  },
  /** Replaces the discounts of a subscription, or removes them. */
  async changeDiscounts(context) {
    const { discounts = "" } = (await pickDiscounts(context, 0.7)) ?? {};
    await updateSubscription(context, () => ({ discounts }));
  },
  async cancelWithProration(context) {
    const subscription = await pickSubscription(context);
    if (subscription === undefined) return;
    const invoice_now = context.random.chance(0.7);
    await context.testEnv.stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now });
  },
  async pauseCollection(context) {
    const behavior = context.random.pick(["void", "keep_as_draft", "mark_uncollectible"] as const);
    await updateSubscription(context, () => ({ pause_collection: { behavior } }));
  },
  async resumeCollection(context) {
    await updateSubscription(context, () => ({ pause_collection: "" }));
  },
  async sendInvoices(context) {
    await updateSubscription(context, ({ collection_method: method }) =>
      method === "send_invoice"
        ? { collection_method: "charge_automatically" }
        : { collection_method: "send_invoice", days_until_due: 1 + context.random.below(30) },
    );
  },
  async creditNote(context) {
    const { testEnv, random } = context;
    const invoice = await pickInvoice(context, ["paid", "open"]);
    if (invoice === undefined || invoice.total <= 0) return;
    const amount = random.chance(0.4) ? invoice.total : 1 + random.below(invoice.total);
    const kind = random.pick(["credit_amount", "refund_amount", "out_of_band_amount"]);
    const line = random.pick(invoice.lines.data);
    const of: Partial<Stripe.CreditNoteCreateParams> =
      random.chance(0.3) && line.amount >= amount
        ? { lines: [{ type: "invoice_line_item", invoice_line_item: line.id, amount }] }
        : { amount };
    const returned = invoice.status === "paid" ? { [kind]: amount } : {};
    await testEnv.stripe.creditNotes.create({ invoice: invoice.id, ...of, ...returned });
  },
  async changeBalance({ testEnv, customer, random }) {
    const amount = (random.chance(0.6) ? -1 : 1) * (1 + random.below(12_000));
    await testEnv.stripe.customers.createBalanceTransaction(customer, { amount, currency: "usd" });
  },
  async writeOff(context) {
    const invoice = await pickInvoice(context, ["open"]);
    if (invoice !== undefined) await context.testEnv.stripe.invoices.markUncollectible(invoice.id);
  },
  async voidInvoice(context) {
    const invoice = await pickInvoice(context, ["open", "uncollectible"]);
    if (invoice !== undefined) await context.testEnv.stripe.invoices.voidInvoice(invoice.id);
  },
  async payInvoice(context) {
    const invoice = await pickInvoice(context, ["open", "uncollectible"]);
    const paid_out_of_band = context.random.chance(0.5);
    if (invoice !== undefined) await context.testEnv.stripe.invoices.pay(invoice.id, { paid_out_of_band });
  },
  async finalizeDraft(context) {
    const invoice = await pickInvoice(context, ["draft"]);
    if (invoice !== undefined) await context.testEnv.stripe.invoices.finalizeInvoice(invoice.id);
  },
  /** Bills a top-up, or another product, with the next invoice or at once. */
  async addInvoiceItem(context) {
    const { testEnv, customer, random } = context;
    const price = priceOf(context, random.pick(["top_up_20", "consulting"]));
    const invoiceId = random.chance(0.5)
      ? (await testEnv.stripe.invoices.create({ customer, auto_advance: true })).id
      : null;
    const item = { customer, pricing: { price }, quantity: 1 + random.below(2) };
    await testEnv.stripe.invoiceItems.create({
      ...item,
      ...(invoiceId === null ? {} : { invoice: invoiceId }),
    });
    if (invoiceId !== null) await testEnv.stripe.invoices.pay(invoiceId);
  },
  async invoiceInAnotherCurrency({ testEnv, customer, random }) {
    const [currency, amount] = random.pick([["eur", 10_000] as const, ["jpy", 1_900] as const]);
    const invoice = await testEnv.stripe.invoices.create({ customer, currency });
    const item = { customer, invoice: invoice.id, amount, currency, description: "Workshop" };
    await testEnv.stripe.invoiceItems.create(item);
    await testEnv.stripe.invoices.pay(invoice.id);
  },
  /** Deletes the customer, whose subscriptions end with it. The next purchase makes a new one. */
  async deleteCustomer({ testEnv, customer }) {
    await testEnv.stripe.customers.del(customer);
  },
  /** Deletes the customer; the workspace buys again as a new one. */
  async recreateCustomer(context) {
    await context.testEnv.stripe.customers.del(context.customer);
    const customer = await context.buyer();
    if (context.random.chance(0.7)) await createSubscription({ ...context, customer }, "pro_month");
  },
};

async function createSubscription(context: ActionContext, lookupKey: string): Promise<void> {
  const { testEnv, customer, random } = context;
  const quantity = random.chance(0.8) ? 1 : 2;
  await testEnv.stripe.subscriptions.create({
    customer,
    items: [{ price: priceOf(context, lookupKey), quantity }],
    ...(await pickStart(context)),
    ...(await pickDiscounts(context, 0.15)),
    ...(random.chance(0.2) ? { trial_period_days: 1 + random.below(20) } : {}),
  });
}

async function addItem(context: ActionContext, lookupKey: string): Promise<void> {
  const subscription = await pickSubscription(context);
  if (subscription === undefined) return;
  await context.testEnv.stripe.subscriptionItems.create({
    subscription: subscription.id,
    price: priceOf(context, lookupKey),
    proration_behavior: context.random.pick(prorations),
  });
}
