import fc from "fast-check";
import Stripe from "stripe";
import type { SandboxClient } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

/** The objects of one run. */
export type Shop = {
  sandbox: SandboxClient;
  customer: string;
  subscription: string;
  prices: { month: string; year: string; big: string; metered: string };
};
export type Move = { name: string; run(shop: Shop): Promise<unknown> };

const day = 86_400;
const terms = fc.record({
  proration_behavior: fc.constantFrom(
    "create_prorations" as const,
    "always_invoice" as const,
    "none" as const,
  ),
  payment_behavior: fc.constantFrom(
    "allow_incomplete" as const,
    "default_incomplete" as const,
    "error_if_incomplete" as const,
  ),
});

/** An action of merchant, customer or clock on a subscription. */
export const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 15, arbitrary: fc.integer({ min: 1, max: 45 }).map(passDays) },
  { weight: 3, arbitrary: fc.constantFrom("pm_card_visa", "pm_card_chargeCustomerFail").map(changeCard) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("month" as const, "year" as const, "big" as const), terms)
      .map(switchPrice),
  },
  { weight: 3, arbitrary: fc.tuple(fc.integer({ min: 1, max: 4 }), terms).map(changeQuantity) },
  { weight: 3, arbitrary: fc.constantFrom("month" as const, "big" as const).map(upgradeOncePaid) },
  { weight: 3, arbitrary: fc.option(fc.integer({ min: 1, max: 40 }), { nil: null }).map(moveTrial) },
  { weight: 3, arbitrary: fc.boolean().map(endAtPeriodEnd) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("keep_as_draft" as const, "mark_uncollectible" as const, "void" as const, null)
      .map(pauseCollection),
  },
  {
    weight: 3,
    arbitrary: fc.constant(
      move("pause", ({ sandbox, subscription }) => sandbox.stripe.subscriptions.pause(subscription)),
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.boolean(), fc.boolean()).map(resume) },
  { weight: 3, arbitrary: fc.boolean().map(planDowngrade) },
  { weight: 3, arbitrary: fc.constant(move("meter usage", reportUsage)) },
  { weight: 3, arbitrary: fc.constant(move("add metered item", addMetered)) },
  { weight: 3, arbitrary: fc.constant(move("pay what is open", payOpen)) },
  { weight: 2, arbitrary: fc.boolean().map(sendInvoices) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("cancel" as const, "unpaid" as const, "past_due" as const).map(afterLastRetry),
  },
  { weight: 1, arbitrary: fc.boolean().map(cancel) },
);

/** Executes an action. A rejection by Stripe's rules is fine, a sandbox failure is not. */
export async function attempt(shop: Shop, { run }: Move): Promise<void> {
  try {
    await run(shop);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError) return;
    if (error instanceof Stripe.errors.StripeCardError) return;
    throw error;
  }
}

function move(name: string, run: Move["run"]): Move {
  return { name, run };
}

function passDays(days: number): Move {
  return move(`${days} days pass`, ({ sandbox }) =>
    sandbox.control("clock/advance", { seconds: days * day }),
  );
}

function changeCard(card: string): Move {
  return move(card, async ({ sandbox: { stripe }, customer }) => {
    const { id } = await stripe.paymentMethods.attach(card, { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
  });
}

async function firstItem({ sandbox, subscription }: Shop): Promise<string> {
  const { items } = await sandbox.stripe.subscriptions.retrieve(subscription);
  return items.data[0]?.id ?? "";
}

type Terms = Pick<Stripe.SubscriptionUpdateParams, "proration_behavior" | "payment_behavior">;

function switchPrice([price, how]: ["month" | "year" | "big", Terms]): Move {
  return move(`to ${price}, ${JSON.stringify(how)}`, async (shop) => {
    const items = [{ id: await firstItem(shop), price: shop.prices[price] }];
    await shop.sandbox.stripe.subscriptions.update(shop.subscription, { items, ...how });
  });
}

function changeQuantity([quantity, how]: [number, Terms]): Move {
  return move(`${quantity} of it, ${JSON.stringify(how)}`, async (shop) => {
    await shop.sandbox.stripe.subscriptionItems.update(await firstItem(shop), { quantity, ...how });
  });
}

function upgradeOncePaid(price: "month" | "big"): Move {
  return move(`to ${price} once paid`, async (shop) => {
    await shop.sandbox.stripe.subscriptions.update(shop.subscription, {
      items: [{ id: await firstItem(shop), price: shop.prices[price] }],
      proration_behavior: "always_invoice",
      payment_behavior: "pending_if_incomplete",
    });
  });
}

function moveTrial(days: number | null): Move {
  return move(`trial ${days === null ? "ends" : `for ${days} days`}`, async ({ sandbox, subscription }) => {
    const { now } = await sandbox.control("clock");
    const trialEnd = days === null ? ("now" as const) : Number(now) + days * day;
    await sandbox.stripe.subscriptions.update(subscription, { trial_end: trialEnd });
  });
}

function endAtPeriodEnd(ends: boolean): Move {
  return move(`cancel_at_period_end ${ends}`, ({ sandbox, subscription }) =>
    sandbox.stripe.subscriptions.update(subscription, { cancel_at_period_end: ends }),
  );
}

function pauseCollection(behavior: "keep_as_draft" | "mark_uncollectible" | "void" | null): Move {
  return move(`pause_collection ${behavior}`, async ({ sandbox, subscription }) => {
    const { now } = await sandbox.control("clock");
    const pause = behavior === null ? "" : { behavior, resumes_at: Number(now) + 50 * day };
    await sandbox.stripe.subscriptions.update(subscription, { pause_collection: pause });
  });
}

function resume([isNow, onceTried]: [boolean, boolean]): Move {
  const type = isNow ? "now" : "unchanged";
  const behavior = onceTried ? "resume_on_payment_attempt" : "resume_on_payment_success";
  return move(`resume ${type}, ${behavior}`, ({ sandbox, subscription }) =>
    sandbox.stripe.subscriptions.resume(subscription, {
      billing_cycle_anchor: { type },
      payment_behavior: behavior,
    }),
  );
}

function planDowngrade(cancels: boolean): Move {
  return move(
    `schedule, then ${cancels ? "cancel" : "release"}`,
    async ({ sandbox: { stripe }, subscription, prices }) => {
      const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription });
      const [phase] = schedule.phases;
      if (!phase) return;
      const items = phase.items.map((item) => ({
        price: String(item.price),
        ...(item.quantity === undefined ? {} : { quantity: item.quantity }),
      }));
      await stripe.subscriptionSchedules.update(schedule.id, {
        end_behavior: cancels ? "cancel" : "release",
        phases: [
          { items, start_date: phase.start_date, end_date: phase.end_date },
          { items: [{ price: prices.month }], duration: { interval: "month", interval_count: 2 } },
        ],
      });
    },
  );
}

async function reportUsage({ sandbox: { stripe }, customer }: Shop): Promise<void> {
  const payload = { stripe_customer_id: customer, value: "700" };
  await stripe.billing.meterEvents.create({ event_name: "tokens", payload });
}

async function addMetered({ sandbox: { stripe }, subscription, prices }: Shop): Promise<void> {
  await stripe.subscriptionItems.create({ subscription, price: prices.metered });
}

async function payOpen({ sandbox: { stripe }, subscription }: Shop): Promise<void> {
  const [invoice] = (await stripe.invoices.list({ subscription, status: "open", limit: 1 })).data;
  if (invoice) await stripe.invoices.pay(invoice.id);
}

function sendInvoices(sends: boolean): Move {
  return move(`send_invoice ${sends}`, ({ sandbox, subscription }) =>
    sandbox.stripe.subscriptions.update(
      subscription,
      sends
        ? { collection_method: "send_invoice", days_until_due: 7 }
        : { collection_method: "charge_automatically" },
    ),
  );
}

function afterLastRetry(choice: "cancel" | "unpaid" | "past_due"): Move {
  return move(`after the last retry ${choice}`, ({ sandbox }) =>
    sandbox.control("account", { afterLastRetry: choice }),
  );
}

function cancel(prorates: boolean): Move {
  return move(`cancel, prorate ${prorates}`, ({ sandbox, subscription }) =>
    sandbox.stripe.subscriptions.cancel(subscription, { prorate: prorates, invoice_now: prorates }),
  );
}
