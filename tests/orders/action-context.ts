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
  /** Makes the workspace's next customer known to every instance, as buying a plan again does. */
  replaceCustomer(id: string): Promise<void>;
  random: Random;
};

export type Action = (context: ActionContext) => Promise<unknown>;

/** Returns the id of a price by its lookup key. */
export function priceOf({ testEnv }: ActionContext, lookupKey: string): string {
  const id = testEnv.prices.get(lookupKey);
  if (id === undefined) throw new Error(`There is no price ${lookupKey}.`);
  return id;
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
