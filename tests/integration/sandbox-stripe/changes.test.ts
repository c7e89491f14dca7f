import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  changeCard,
  createPlan,
  failureOf,
  iso,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let pro: Awaited<ReturnType<typeof createPlan>>;
let enterprise: Awaited<ReturnType<typeof createPlan>>;
beforeEach(async () => {
  sandbox = await startSandbox();
  pro = await createPlan(sandbox.stripe, "Pro", 1900);
  enterprise = await createPlan(sandbox.stripe, "Enterprise", 9900);
});
afterEach(() => sandbox.stop());

const advance = (params: { seconds?: number; months?: number; to?: string }) =>
  sandbox.control("clock/advance", params);

async function begun() {
  const { subscription, customer } = await subscribe(sandbox.stripe, pro.month.id);
  const item = subscription.items.data[0];
  if (!item) throw new Error("a subscription has an item");
  return { id: subscription.id, customer, item };
}

describe("upgrades", () => {
  test("an upgrade with create_prorations is billed with the next invoice", async () => {
    const { stripe } = sandbox;
    const { id, item } = await begun();
    const at = item.current_period_start + 86_400;
    await advance({ to: iso(at) });
    await stripe.subscriptions.update(id, {
      items: [{ id: item.id, price: enterprise.month.id }],
      proration_date: at,
    });
    const preview = await stripe.invoices.createPreview({ subscription: id });
    expect(await all(stripe.invoices.list({ subscription: id }))).toHaveLength(1);
    await advance({ months: 1 });
    const [renewal] = (await stripe.invoices.list({ subscription: id, limit: 1 })).data;
    expect(renewal?.lines.data).toHaveLength(3);
    expect(renewal?.total).toBe(preview.total);
    expect(renewal?.status).toBe("paid");
  });

  test("a failed upgrade with pending_if_incomplete changes nothing and sends no change events", async () => {
    const { stripe } = sandbox;
    const { id, customer, item } = await begun();
    await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
    const before = [await stripe.subscriptions.retrieve(id), await all(stripe.events.list())];
    const change = stripe.subscriptions.update(id, {
      items: [{ id: item.id, price: enterprise.month.id }],
      proration_behavior: "always_invoice",
      payment_behavior: "error_if_incomplete",
    });
    expect((await failureOf(change)).code).toBe("card_declined");
    expect([await stripe.subscriptions.retrieve(id), await all(stripe.events.list())]).toEqual(before);
    expect(await all(stripe.invoices.list({ customer }))).toHaveLength(1);
  });

  test("an upgrade without proration changes the price and bills nothing", async () => {
    const { stripe } = sandbox;
    const { id, item } = await begun();
    await stripe.subscriptions.update(id, {
      items: [{ id: item.id, price: enterprise.month.id }],
      proration_behavior: "none",
    });
    expect((await stripe.invoices.createPreview({ subscription: id })).total).toBe(9900);
    expect(await all(stripe.invoices.list({ subscription: id }))).toHaveLength(1);
  });
});

describe("downgrades", () => {
  test("an immediately invoiced downgrade credits the customer's balance, which pays the next invoice", async () => {
    const { stripe } = sandbox;
    const { subscription, customer } = await subscribe(stripe, enterprise.month.id);
    const item = subscription.items.data[0];
    if (!item) throw new Error("a subscription has an item");
    const half = Math.floor((item.current_period_start + item.current_period_end) / 2);
    await advance({ to: iso(half) });
    const updated = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: pro.month.id }],
      proration_behavior: "always_invoice",
      proration_date: half,
      expand: ["latest_invoice"],
    });
    expect(updated.latest_invoice).toMatchObject({ status: "paid", amount_due: 0 });
    const credited = await stripe.customers.retrieve(customer);
    expect(credited).toMatchObject({ balance: -4000 });
    await advance({ months: 1 });
    const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
    expect(renewal).toMatchObject({
      total: 1900,
      amount_due: 0,
      starting_balance: -4000,
      ending_balance: -2100,
    });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -2100 });
  });
});

describe("previews", () => {
  test("the preview of a subscription that will end is rejected", async () => {
    const { stripe } = sandbox;
    const { id } = await begun();
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    expect((await failureOf(stripe.invoices.createPreview({ subscription: id }))).code).toBe(
      "invoice_upcoming_none",
    );
  });
});
