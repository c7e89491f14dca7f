import Stripe from "stripe";
import { trialMetadata } from "#lib/gateways/stripe/objects.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import type { OrdersTestEnv } from "#tests/orders/orders-test-env.ts";
import type { Random } from "#tests/orders/random.ts";

/** What an action needs: a customer at Stripe and the catalog's prices by lookup key. */
export type ActionContext = {
  testEnv: OrdersTestEnv;
  customer: string;
  prices: ReadonlyMap<string, string>;
  random: Random;
};

type Action = (context: ActionContext) => Promise<unknown>;

const dayS = 86_400;

/**
 * Actions of customers, banks, staff and time. Each calls Stripe directly; the product sees only its events.
 */
export const actions: Record<string, Action> = {
  async subscribe({ testEnv, customer, prices, random }) {
    if ((await findRunningSubscription({ testEnv, customer })) !== undefined) return;
    const price = prices.get(random.pick(["pro_month", "pro_month", "enterprise_month", "pro_year"])) ?? "";
    const trial = random.chance(0.2) ? { trial_period_days: 14 } : {};
    await testEnv.stripe.subscriptions.create({ customer, items: [{ price }], ...trial });
  },
  /** Starts a trial as our Checkout does. The first instance that syncs a second trial ends it. */
  async startTrial({ testEnv, customer, prices }) {
    if ((await findRunningSubscription({ testEnv, customer })) !== undefined) return;
    await testEnv.stripe.subscriptions.create({
      customer,
      items: [{ price: prices.get("pro_month") ?? "" }],
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
    const { testEnv, prices } = context;
    const subscription = await findRunningSubscription(context);
    const item = subscription?.items.data[0];
    if (subscription === undefined || item === undefined || subscription.schedule !== null) return;
    const schedule = await testEnv.stripe.subscriptionSchedules.create({
      from_subscription: subscription.id,
    });
    await testEnv.stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: "release",
      phases: [
        {
          items: [{ price: item.price.id }],
          start_date: item.current_period_start,
          end_date: item.current_period_end,
        },
        { items: [{ price: prices.get("pro_month") ?? "" }] },
      ],
    });
  },
  async cancelAtPeriodEnd(context) {
    await updateSubscription(context, { cancel_at_period_end: true });
  },
  async resume(context) {
    await updateSubscription(context, { cancel_at_period_end: false });
  },
  async cancelNow(context) {
    const subscription = await findRunningSubscription(context);
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
  async refund({ testEnv, customer, random }) {
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
    await buyTopUp(context, "4242424242424242");
  },
  async topUpAndDispute(context) {
    await buyTopUp(context, "4000000000000259");
  },
  async passDays({ testEnv, random }) {
    await testEnv.travel((1 + random.below(6)) * dayS);
  },
};

export const actionNames = Object.keys(actions);

/** Runs an action. Calls that Stripe rejects in the current state, and declined payments, are ignored. */
export async function runAction(name: string, context: ActionContext): Promise<void> {
  try {
    await actions[name]?.(context);
  } catch (error) {
    const isRejection =
      error instanceof Stripe.errors.StripeInvalidRequestError ||
      error instanceof Stripe.errors.StripeCardError;
    if (!isRejection) throw error;
  }
}

async function findRunningSubscription({ testEnv, customer }: Pick<ActionContext, "testEnv" | "customer">) {
  return (await testEnv.stripe.subscriptions.list({ customer })).data[0];
}

async function changePrice(
  context: ActionContext,
  lookupKey: string,
  params: Stripe.SubscriptionUpdateParams,
): Promise<void> {
  const item = (await findRunningSubscription(context))?.items.data[0];
  if (item !== undefined)
    await updateSubscription(context, {
      items: [{ id: item.id, price: context.prices.get(lookupKey) ?? "" }],
      ...params,
    });
}

async function updateSubscription(
  context: ActionContext,
  params: Stripe.SubscriptionUpdateParams,
): Promise<void> {
  const subscription = await findRunningSubscription(context);
  if (subscription !== undefined) await context.testEnv.stripe.subscriptions.update(subscription.id, params);
}

async function buyTopUp({ testEnv, customer, prices, random }: ActionContext, card: string): Promise<void> {
  const lookupKey = random.pick(["top_up_5", "top_up_20", "top_up_50"]);
  const session = await testEnv.stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    line_items: [{ price: prices.get(lookupKey) ?? "", quantity: 1 }],
    metadata: { lookup_key: lookupKey },
    success_url: "http://localhost:3000/billing",
    invoice_creation: { enabled: random.chance(0.5) },
  });
  await submitCard(session.url ?? "", card);
}
