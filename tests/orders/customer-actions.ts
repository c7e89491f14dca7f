import type Stripe from "stripe";
import { trialMetadata } from "#lib/gateways/stripe/objects.ts";
import { changeCard, submitCard, submitForm } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import {
  type Action,
  type ActionContext,
  pickDiscounts,
  pickSubscription,
  priceOf,
  updateSubscription,
} from "#tests/orders/action-context.ts";

const dayS = 86_400;

/** Actions of customers, banks and time. Each calls Stripe directly; the product sees only its events. */
export const customerActions: Record<string, Action> = {
  async subscribe(context) {
    const { testEnv, random } = context;
    if ((await pickSubscription(context)) !== undefined) return;
    const customer = await context.buyer();
    const price = priceOf(context, random.pick(["pro_month", "pro_month", "enterprise_month", "pro_year"]));
    const trial = random.chance(0.2) ? { trial_period_days: 14 } : {};
    const discounts = await pickDiscounts(context, 0.15);
    await testEnv.stripe.subscriptions.create({ customer, items: [{ price }], ...trial, ...discounts });
  },
  /** Starts a trial as our Checkout does. The first instance that syncs a second trial ends it. */
  async startTrial(context) {
    const { testEnv } = context;
    if ((await pickSubscription(context)) !== undefined) return;
    const customer = await context.buyer();
    await testEnv.stripe.subscriptions.create({
      customer,
      items: [{ price: priceOf(context, "pro_month") }],
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
      metadata: trialMetadata,
    });
  },
  async upgrade(context) {
    await changePrice(context, "enterprise_month", {
      proration_behavior: "always_invoice",
      payment_behavior: "pending_if_incomplete",
    });
  },
  async changeInPortal(context) {
    await changePrice(context, context.random.pick(["pro_month", "enterprise_month"]), {
      proration_behavior: "create_prorations",
    });
  },
  async changeToYear(context) {
    await changePrice(context, "pro_year", { proration_behavior: "always_invoice" });
  },
  async scheduleDowngrade(context) {
    const { testEnv } = context;
    const subscription = await pickSubscription(context);
    const item = subscription?.items.data[0];
    if (subscription === undefined || item === undefined || subscription.schedule !== null) return;
    const schedule = await testEnv.stripe.subscriptionSchedules.create({
      from_subscription: subscription.id,
    });
    const { current_period_start: start_date, current_period_end: end_date } = item;
    await testEnv.stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: "release",
      phases: [
        { items: [{ price: item.price.id }], start_date, end_date },
        { items: [{ price: priceOf(context, "pro_month") }] },
      ],
    });
  },
  async cancelAtPeriodEnd(context) {
    await updateSubscription(context, () => ({ cancel_at_period_end: true }));
  },
  async resume(context) {
    await updateSubscription(context, () => ({ cancel_at_period_end: false }));
  },
  async cancelNow(context) {
    const subscription = await pickSubscription(context);
    if (subscription !== undefined) await context.testEnv.stripe.subscriptions.cancel(subscription.id);
  },
  async breakCard({ testEnv, customer }) {
    await changeCard(testEnv.stripe, customer, "pm_card_chargeCustomerFail");
  },
  async repairCard({ testEnv, customer }) {
    await changeCard(testEnv.stripe, customer, "pm_card_visa");
    for (const { id } of (await testEnv.stripe.invoices.list({ customer, status: "open" })).data)
      await testEnv.stripe.invoices.pay(id);
  },
  /** Refunds a payment, also one of a customer that was deleted since. */
  async refund({ testEnv, customers, random }) {
    const customer = random.pick(customers);
    const charges = (await testEnv.stripe.charges.list({ customer })).data.filter(
      ({ paid, refunded }) => paid && !refunded,
    );
    if (charges.length === 0) return;
    const charge = random.pick(charges);
    const refundable = charge.amount - charge.amount_refunded;
    const amount = random.chance(0.5) ? refundable : Math.max(1, random.below(refundable));
    await testEnv.stripe.refunds.create({ charge: charge.id, amount });
  },
  async topUp(context) {
    await submitCard(await openTopUp(context, ["card"]), "4242424242424242");
  },
  async topUpAndDispute(context) {
    await submitCard(await openTopUp(context, ["card"]), "4000000000000259");
  },
  /** A debit succeeds or fails minutes later. */
  async topUpByDebit(context) {
    const iban = context.random.pick(["AT321904300235473204", "AT051904300235473205"]);
    const url = await openTopUp(context, ["card", "sepa_debit"]);
    const fields = { method: "sepa_debit", iban, account_name: "Ada Lovelace", email: "ada@orders.example" };
    await submitForm(url, fields);
  },
  /** Opens a Checkout page for a plan, as in another browser tab. */
  async openCheckout(context) {
    const price = priceOf(context, context.random.pick(["pro_month", "enterprise_month"]));
    await context.testEnv.stripe.checkout.sessions.create({
      mode: "subscription",
      customer: await context.buyer(),
      ...(await pickDiscounts(context, 0.3)),
      line_items: [{ price, quantity: 1 }],
      success_url: "http://localhost:3000/billing",
    });
  },
  /** Pays on the newest open Checkout page, if any. */
  async payCheckout({ testEnv, customer }) {
    const { data } = await testEnv.stripe.checkout.sessions.list({ customer, status: "open" });
    const url = data[0]?.url;
    if (url !== undefined && url !== null) await submitCard(url, "4242424242424242");
  },
  /** Spends a part or all of the available credit. */
  async spendCredit(context) {
    await context.spend(context.random.pick([0.1, 0.5, 0.9, 1]));
  },
  async passMinutes({ testEnv, random }) {
    await testEnv.travel(60 * (1 + random.below(120)));
  },
  async passDays({ testEnv, random }) {
    await testEnv.travel((1 + random.below(6)) * dayS);
  },
  async passWeek({ testEnv }) {
    await testEnv.travel(6 * dayS);
  },
};

async function changePrice(
  context: ActionContext,
  lookupKey: string,
  params: Stripe.SubscriptionUpdateParams,
): Promise<void> {
  await updateSubscription(context, ({ items }) => {
    const item = items.data[0];
    if (item === undefined) return null;
    return { items: [{ id: item.id, price: priceOf(context, lookupKey) }], ...params };
  });
}

/** Opens the Checkout of a top-up. @returns the page's URL */
async function openTopUp(
  context: ActionContext,
  allowed: Stripe.Checkout.SessionCreateParams["allowed_payment_method_types"],
): Promise<string> {
  const { testEnv, random } = context;
  const customer = await context.buyer();
  const lookupKey = random.pick(["top_up_5", "top_up_20", "top_up_50"]);
  const session = await testEnv.stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    line_items: [{ price: priceOf(context, lookupKey), quantity: 1 }],
    metadata: { lookup_key: lookupKey },
    success_url: "http://localhost:3000/billing",
    invoice_creation: { enabled: random.chance(0.5) },
    ...(allowed === undefined ? {} : { allowed_payment_method_types: allowed }),
  });
  return session.url ?? "";
}
