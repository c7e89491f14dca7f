import { afterEach, beforeEach, expect, test } from "vitest";
import {
  all,
  changeCard,
  createPlan,
  type SandboxClient,
  startSandbox,
  submitForm,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let pro: Awaited<ReturnType<typeof createPlan>>;
let big: Awaited<ReturnType<typeof createPlan>>;
beforeEach(async () => {
  sandbox = await startSandbox();
  pro = await createPlan(sandbox.stripe, "Pro", 1900);
  big = await createPlan(sandbox.stripe, "Big", 9900);
});
afterEach(() => sandbox.stop());

/** A portal that offers both plans; lower ones from the next period on. */
async function openPortal(customer: string, confirm?: { subscription: string; id: string; price: string }) {
  const { stripe } = sandbox;
  const configuration = await stripe.billingPortal.configurations.create({
    features: {
      payment_method_update: { enabled: true },
      subscription_cancel: {
        enabled: true,
        mode: "at_period_end",
        cancellation_reason: { enabled: true, options: ["too_expensive", "unused"] },
      },
      subscription_update: {
        enabled: true,
        default_allowed_updates: ["price"],
        proration_behavior: "always_invoice",
        products: [
          { product: pro.product.id, prices: [pro.month.id, pro.year.id] },
          { product: big.product.id, prices: [big.month.id] },
        ],
        schedule_at_period_end: { conditions: [{ type: "decreasing_item_amount" }] },
      },
    },
  });
  const session = await stripe.billingPortal.sessions.create({
    customer,
    configuration: configuration.id,
    ...(confirm
      ? {
          flow_data: {
            type: "subscription_update_confirm" as const,
            subscription_update_confirm: {
              subscription: confirm.subscription,
              items: [{ id: confirm.id, price: confirm.price }],
            },
          },
        }
      : {}),
  });
  return session.url;
}

test("the portal previews an upgrade, charges the previewed amount and applies the upgrade", async () => {
  const { stripe } = sandbox;
  const { customer, subscription } = await subscribe(stripe, pro.month.id);
  await sandbox.control("clock/advance", { seconds: 10 * 86_400 });
  const url = await openPortal(customer);
  expect(await (await fetch(url)).text()).toContain("$99.00 / month");
  const preview = await (await fetch(`${url}?subscription=${subscription.id}&price=${big.month.id}`)).text();
  const due = /Due today<\/strong><\/td>\s*<td><strong>\$([\d.]+)/.exec(preview)?.[1];
  expect(Number(due)).toBeGreaterThan(50);
  const done = await submitForm(url, {
    action: "change",
    subscription: subscription.id,
    price: big.month.id,
  });
  expect(done.status).toBe(303);
  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id, limit: 1 })).data;
  expect(invoice?.status).toBe("paid");
  // A second may pass between the two pages.
  expect(Math.abs((invoice?.amount_paid ?? 0) - Number(due) * 100)).toBeLessThanOrEqual(1);
  const upgraded = await stripe.subscriptions.retrieve(subscription.id);
  expect(upgraded.items.data.map((item) => item.price.id)).toEqual([big.month.id]);
});

test("a declined upgrade in the portal shows the reason and changes nothing", async () => {
  const { stripe } = sandbox;
  const { customer, subscription } = await subscribe(stripe, pro.month.id);
  await changeCard(stripe, customer, "pm_card_chargeCustomerFail");
  const url = await openPortal(customer);
  const refused = await submitForm(url, {
    action: "change",
    subscription: subscription.id,
    price: big.month.id,
  });
  expect([refused.status, (await refused.text()).includes("Your card was declined.")]).toEqual([200, true]);
  const present = await stripe.subscriptions.retrieve(subscription.id);
  expect(present.items.data[0]?.price.id).toBe(pro.month.id);
  expect(await all(stripe.invoices.list({ customer }))).toHaveLength(1);
});

test("a downgrade in the portal starts at the period end if the configuration says so", async () => {
  const { stripe } = sandbox;
  const { customer, subscription } = await subscribe(stripe, big.month.id);
  const item = subscription.items.data[0];
  const url = await openPortal(customer, {
    subscription: subscription.id,
    id: item?.id ?? "",
    price: pro.month.id,
  });
  expect(await (await fetch(url)).text()).toContain("You won't be charged today");
  await submitForm(url, { action: "change", subscription: subscription.id, price: pro.month.id });
  const waiting = await stripe.subscriptions.retrieve(subscription.id);
  expect([waiting.items.data[0]?.price.id, waiting.schedule]).toEqual([big.month.id, expect.any(String)]);
  await sandbox.control("clock/advance", { to: (item?.current_period_end ?? 0) + 7200 });
  const after = await stripe.subscriptions.retrieve(subscription.id);
  expect(after.items.data[0]?.price.id).toBe(pro.month.id);
  expect((await stripe.invoices.list({ customer, limit: 1 })).data[0]).toMatchObject({
    status: "paid",
    total: 1900,
  });
});

test("the portal stores the cancellation reason", async () => {
  const { stripe } = sandbox;
  const { customer, subscription } = await subscribe(stripe, pro.month.id);
  const url = await openPortal(customer);
  await submitForm(url, { action: "cancel", subscription: subscription.id, feedback: "too_expensive" });
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancellation_details).toMatchObject({
    feedback: "too_expensive",
    reason: "cancellation_requested",
  });
});

test("the portal rejects a plan that its configuration does not offer", async () => {
  const { stripe } = sandbox;
  const { customer, subscription } = await subscribe(stripe, pro.month.id);
  const url = await openPortal(customer);
  const refused = await submitForm(url, {
    action: "change",
    subscription: subscription.id,
    price: big.year.id,
  });
  expect(await refused.text()).toContain("available.");
});
