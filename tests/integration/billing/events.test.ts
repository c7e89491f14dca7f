import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { processEvent, storeEvent } from "#lib/billing/inbox.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { eventOf } from "#lib/gateways/stripe/event.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";

/** What happens to a customer: each of these is a reason to look at Stripe again, and no more than that. */
const ofCustomers = [
  "checkout.session.completed",
  "checkout.session.async_payment_succeeded",
  "checkout.session.async_payment_failed",
  "checkout.session.expired",
  "customer.subscription.created",
  "customer.subscription.updated",
  "customer.subscription.deleted",
  "customer.subscription.paused",
  "customer.subscription.resumed",
  "customer.subscription.pending_update_applied",
  "customer.subscription.pending_update_expired",
  "customer.subscription.trial_will_end",
  "invoice.paid",
  "invoice.payment_failed",
  "invoice.payment_action_required",
  "invoice.finalization_failed",
  "invoice.upcoming",
  "invoice.created",
  "invoice.finalized",
  "invoice.updated",
  "invoice.voided",
  "invoice.marked_uncollectible",
  "invoice.overdue",
  "charge.refunded",
  "payment_method.attached",
  "payment_method.updated",
  "payment_method.automatically_updated",
  "customer.updated",
  "setup_intent.succeeded",
  "setup_intent.setup_failed",
  "setup_intent.created",
  "setup_intent.canceled",
  "setup_intent.requires_action",
  "subscription_schedule.created",
  "subscription_schedule.updated",
  "subscription_schedule.expiring",
  "subscription_schedule.aborted",
  "subscription_schedule.released",
  "subscription_schedule.canceled",
  "subscription_schedule.completed",
  "entitlements.active_entitlement_summary.updated",
  "customer.discount.created",
  "customer.discount.updated",
  "customer.discount.deleted",
  "credit_note.created",
  "credit_note.updated",
  "credit_note.voided",
];
/** What happens to a payment, named by its charge alone. */
const ofCharges = [
  "refund.created",
  "refund.updated",
  "refund.failed",
  "charge.dispute.created",
  "charge.dispute.updated",
  "charge.dispute.closed",
  "charge.dispute.funds_withdrawn",
  "charge.dispute.funds_reinstated",
  "radar.early_fraud_warning.created",
];
/** What happens to the shop: kept, and nothing else. */
const ofTheShop = [
  "product.created",
  "product.updated",
  "product.deleted",
  "price.created",
  "price.updated",
  "price.deleted",
  "coupon.created",
  "coupon.updated",
  "coupon.deleted",
  "promotion_code.created",
  "promotion_code.updated",
];

let world: BillingWorld;
let customer: Customer;
let customerId: string;
let subscriptionId: string;
let chargeId: string;

beforeAll(async () => {
  world = await createBillingWorld();
  customer = await addCustomer(world);
  customerId = await subscribe(world, customer, "pro_month");
  const subscriptions = await world.stripe.subscriptions.list({ customer: customerId });
  subscriptionId = subscriptions.data[0]?.id ?? "";
  chargeId = (await world.stripe.charges.list({ customer: customerId })).data[0]?.id ?? "";
});
afterAll(() => world.close());

/** Takes an event in and does what it asks for. @returns how it stands in the inbox then */
async function hear(type: string, object: object): Promise<string> {
  const id = `evt_${newId().replaceAll("-", "")}`;
  const created = Math.floor(Date.now() / 1_000);
  await storeEvent(
    eventOf({ id, type, livemode: false, created, data: { object } } as Parameters<typeof eventOf>[0]),
  );
  await processEvent(id);
  const [row] = await world.sql`select state from stripe_events where id = ${id}`;
  return String(row?.state);
}

/** Something that can only be known by looking at Stripe, and is different each time. */
async function changeAtStripe(): Promise<boolean> {
  const [row] = await world.sql`select cancel_at_period_end as ends from subscriptions`;
  const ends = row?.ends !== true;
  await world.stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: ends });
  return ends;
}

async function isKnownHere(): Promise<unknown> {
  const [row] = await world.sql`select cancel_at_period_end as ends from subscriptions`;
  return row?.ends;
}

describe("every event of a customer makes us look at Stripe", () => {
  test.each(ofCustomers)("%s", async (type) => {
    const changed = await changeAtStripe();
    expect(await hear(type, { id: "obj_1", customer: customerId })).toBe("done");
    expect(await isKnownHere()).toBe(changed);
  });

  test.each(ofCharges)("%s", async (type) => {
    const changed = await changeAtStripe();
    expect(await hear(type, { id: "obj_1", charge: chargeId })).toBe("done");
    expect(await isKnownHere()).toBe(changed);
  });
});

describe("what happens to the shop is kept, and asks for nothing", () => {
  test.each(ofTheShop)("%s", async (type) => {
    await changeAtStripe();
    const before = await isKnownHere();
    expect(await hear(type, { id: "obj_1" })).toBe("done");
    expect(await isKnownHere()).toBe(before);
  });
});

test("customer.deleted: the customer is gone at Stripe, and the plan ends here", async () => {
  const other = await addCustomer(world);
  const id = await subscribe(world, other, "pro_month");
  const planOf = async () => entitlementsOf(await subscriptionStateOf(world, other), now()).plan;
  expect(await planOf()).toBe("pro");
  const gone = await world.stripe.customers.del(id);
  expect(await hear("customer.deleted", gone)).toBe("done");
  expect(await planOf()).toBe("free");
});
