import Stripe from "stripe";
import type { OrdersTestEnv } from "#tests/orders/orders-test-env.ts";
import type { Random } from "#tests/orders/random.ts";

/** What an action needs: a customer at Stripe, prices by lookup key, and its own random source. */
export type ActionContext = {
  testEnv: OrdersTestEnv;
  /** The workspace's present customer. */
  customer: string;
  /** All its customers, also those that were deleted at Stripe. */
  customers: readonly string[];
  /**
   * Returns the customer to sell to, as the product does before a purchase: a new one with a card if the
   * present one was deleted at Stripe.
   */
  buyer(): Promise<string>;
  /** Spends a share of the available credit in every instance, as answers do. */
  spend(share: number): Promise<void>;
  random: Random;
};

const dayS = 86_400;

export type Action = (context: ActionContext) => Promise<unknown>;

/** Returns the id of a price by its lookup key. */
export function priceOf({ testEnv }: ActionContext, lookupKey: string): string {
  const id = testEnv.prices.get(lookupKey);
  if (id === undefined) throw new Error(`There is no price ${lookupKey}.`);
  return id;
}

/**
 * Returns parameters that start a subscription in the past, bill it from a later day on, or neither: mostly
 * neither.
 */
export async function pickStart({
  testEnv,
  random,
}: ActionContext): Promise<Partial<Stripe.SubscriptionCreateParams>> {
  if (random.chance(0.75)) return {};
  const now = await testEnv.nowSeconds();
  const proration_behavior = random.pick(["create_prorations", "create_prorations", "none"] as const);
  const start = random.chance(0.5) ? { backdate_start_date: now - (1 + random.below(70)) * dayS } : {};
  const anchor = random.chance(0.5) ? { billing_cycle_anchor: now + (1 + random.below(27)) * dayS } : {};
  return { ...start, ...anchor, proration_behavior };
}

/** Returns a new coupon or promotion code for `discounts`: mostly none. */
export async function pickDiscounts(
  { testEnv, random }: ActionContext,
  probability: number,
): Promise<{ discounts: { coupon?: string; promotion_code?: string }[] } | undefined> {
  if (!random.chance(probability)) return undefined;
  const coupon = await testEnv.stripe.coupons.create({
    ...random.pick([
      { percent_off: 20, duration: "forever" },
      { percent_off: 100, duration: "once" },
      { percent_off: 50, duration: "repeating", duration_in_months: 2 },
      { amount_off: 500, currency: "usd", duration: "once" },
      { amount_off: 10_000, currency: "usd", duration: "forever" },
    ] as const),
  });
  if (random.chance(0.5)) return { discounts: [{ coupon: coupon.id }] };
  const code = await testEnv.stripe.promotionCodes.create({
    promotion: { type: "coupon", coupon: coupon.id },
  });
  return { discounts: [{ promotion_code: code.id }] };
}

/** Returns a random running subscription; undefined without one. */
export async function pickSubscription(context: ActionContext): Promise<Stripe.Subscription | undefined> {
  const { testEnv, customer, random } = context;
  const { data } = await testEnv.stripe.subscriptions.list({ customer });
  return data.length === 0 ? undefined : random.pick(data);
}

/** Updates a random running subscription, if there is one. */
export async function updateSubscription(
  context: ActionContext,
  toParams: (subscription: Stripe.Subscription) => Stripe.SubscriptionUpdateParams | null,
): Promise<void> {
  const subscription = await pickSubscription(context);
  const params = subscription === undefined ? null : toParams(subscription);
  if (subscription !== undefined && params !== null)
    await context.testEnv.stripe.subscriptions.update(subscription.id, params);
}

/** Returns a random invoice of the customer in one of the statuses; undefined without one. */
export async function pickInvoice(
  { testEnv, customer, random }: ActionContext,
  statuses: readonly string[],
): Promise<Stripe.Invoice | undefined> {
  const { data } = await testEnv.stripe.invoices.list({ customer, limit: 100 });
  const found = data.filter(({ status }) => statuses.includes(status ?? ""));
  return found.length === 0 ? undefined : random.pick(found);
}

/** Whether Stripe rejected a call in the current state, or declined a payment. */
export function isRejection(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeInvalidRequestError || error instanceof Stripe.errors.StripeCardError
  );
}
