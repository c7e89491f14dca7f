import Stripe from "stripe";
import { trialMark } from "#lib/gateways/stripe-objects.ts";
import { changeCard, submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import type { Random } from "#tests/orders/random.ts";
import type { OrdersWorld } from "#tests/orders/world.ts";

/** A customer at Stripe, and what can be bought. */
export type Scene = {
  world: OrdersWorld;
  customer: string;
  prices: ReadonlyMap<string, string>;
  random: Random;
};

type Deed = (scene: Scene) => Promise<unknown>;

const dayS = 86_400;

/** What customers, their banks, the shop's staff and time do. Each goes straight to Stripe: the product only hears of it. */
export const deeds: Record<string, Deed> = {
  async subscribe({ world, customer, prices, random }) {
    if ((await running({ world, customer })) !== undefined) return;
    const price = prices.get(random.pick(["pro_month", "pro_month", "enterprise_month", "pro_year"])) ?? "";
    const trial = random.chance(0.2) ? { trial_period_days: 14 } : {};
    await world.stripe.subscriptions.create({ customer, items: [{ price }], ...trial });
  },
  /** Sold by us: who takes it a second time has it taken away by whichever copy hears of it first. */
  async takesTheTrial({ world, customer, prices }) {
    if ((await running({ world, customer })) !== undefined) return;
    await world.stripe.subscriptions.create({
      customer,
      items: [{ price: prices.get("pro_month") ?? "" }],
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method: "cancel" } },
      metadata: trialMark,
    });
  },
  async upgrade(scene) {
    await change(scene, "enterprise_month", {
      proration_behavior: "always_invoice",
      payment_behavior: "pending_if_incomplete",
    });
  },
  async editedInThePortal(scene) {
    await change(scene, scene.random.pick(["pro_month", "enterprise_month"]), {
      proration_behavior: "create_prorations",
    });
  },
  async toAYear(scene) {
    await change(scene, "pro_year", { proration_behavior: "always_invoice" });
  },
  async downgradeAtTheEnd(scene) {
    const { world, prices } = scene;
    const subscription = await running(scene);
    const item = subscription?.items.data[0];
    if (subscription === undefined || item === undefined || subscription.schedule !== null) return;
    const schedule = await world.stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    await world.stripe.subscriptionSchedules.update(schedule.id, {
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
  async cancelAtTheEnd(scene) {
    await update(scene, { cancel_at_period_end: true });
  },
  async resume(scene) {
    await update(scene, { cancel_at_period_end: false });
  },
  async cancelNow(scene) {
    const subscription = await running(scene);
    if (subscription !== undefined) await scene.world.stripe.subscriptions.cancel(subscription.id);
  },
  async cardFails({ world, customer }) {
    await changeCard(world.stripe, customer, "pm_card_chargeCustomerFail");
  },
  async cardIsMended({ world, customer }) {
    await changeCard(world.stripe, customer, "pm_card_visa");
    for (const { id } of (await world.stripe.invoices.list({ customer, status: "open" })).data)
      await world.stripe.invoices.pay(id);
  },
  async refund({ world, customer, random }) {
    const charges = (await world.stripe.charges.list({ customer })).data.filter(
      ({ paid, refunded }) => paid && !refunded,
    );
    if (charges.length === 0) return;
    const charge = random.pick(charges);
    const left = charge.amount - charge.amount_refunded;
    const amount = random.chance(0.5) ? left : Math.max(1, random.below(left));
    await world.stripe.refunds.create({ charge: charge.id, amount });
  },
  async topUp(scene) {
    await buyCredit(scene, "4242424242424242");
  },
  async topUpAndDispute(scene) {
    await buyCredit(scene, "4000000000000259");
  },
  async daysPass({ world, random }) {
    await world.travel((1 + random.below(6)) * dayS);
  },
};

export const deedNames = Object.keys(deeds);

/** Does a deed; what Stripe does not allow as things stand, or a bank declines, is left undone. */
export async function doDeed(name: string, scene: Scene): Promise<void> {
  try {
    await deeds[name]?.(scene);
  } catch (error) {
    const isRefusal =
      error instanceof Stripe.errors.StripeInvalidRequestError ||
      error instanceof Stripe.errors.StripeCardError;
    if (!isRefusal) throw error;
  }
}

async function running({ world, customer }: Pick<Scene, "world" | "customer">) {
  return (await world.stripe.subscriptions.list({ customer })).data[0];
}

async function change(scene: Scene, lookupKey: string, how: Stripe.SubscriptionUpdateParams): Promise<void> {
  const item = (await running(scene))?.items.data[0];
  if (item !== undefined)
    await update(scene, { items: [{ id: item.id, price: scene.prices.get(lookupKey) ?? "" }], ...how });
}

async function update(scene: Scene, params: Stripe.SubscriptionUpdateParams): Promise<void> {
  const subscription = await running(scene);
  if (subscription !== undefined) await scene.world.stripe.subscriptions.update(subscription.id, params);
}

async function buyCredit({ world, customer, prices, random }: Scene, card: string): Promise<void> {
  const lookupKey = random.pick(["top_up_5", "top_up_20", "top_up_50"]);
  const session = await world.stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    line_items: [{ price: prices.get(lookupKey) ?? "", quantity: 1 }],
    metadata: { lookup_key: lookupKey },
    success_url: "http://localhost:3000/billing",
    invoice_creation: { enabled: random.chance(0.5) },
  });
  await submitCard(session.url ?? "", card);
}
