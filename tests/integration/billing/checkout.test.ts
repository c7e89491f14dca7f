import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelAtPeriodEnd } from "#lib/billing/cancel.ts";
import { finishCheckout, startCheckout } from "#lib/billing/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingWorld,
  type Customer,
  createBillingWorld,
  goodCard,
  grantsOf,
  pay,
  stripeCustomerOf,
  subscribe,
  subscriptionStateOf,
} from "#tests/integration/billing/billing-world.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let world: BillingWorld;
beforeAll(async () => {
  world = await createBillingWorld();
});
afterAll(() => world.close());

const planOf = async (customer: Customer) =>
  entitlementsOf(await subscriptionStateOf(world, customer), now()).plan;
const customersNamed = async ({ workspaceId }: Customer) =>
  (await world.stripe.customers.list({ limit: 100 })).data.filter(
    (customer) => customer.metadata.workspace_id === workspaceId,
  );

test("the success page makes the plan active and grants its allowance, though no webhook ever comes (M10)", async () => {
  const ada = await addCustomer(world);
  const sessionId = await pay(ada, "pro_month");
  expect(await planOf(ada)).toBe("free");
  expect(await finishCheckout(ada.workspaceId, sessionId)).toEqual({
    status: "complete",
    mode: "subscription",
  });
  expect(await planOf(ada)).toBe("pro");
  expect(await grantsOf(world, ada)).toMatchObject([{ kind: "allowance", amountMicros: 15_000_000 }]);
});

test("coming back twice, and twenty times at once, grants once", async () => {
  const ada = await addCustomer(world);
  const sessionId = await pay(ada, "enterprise_month");
  await Promise.all(Array.from({ length: 20 }, () => finishCheckout(ada.workspaceId, sessionId)));
  await finishCheckout(ada.workspaceId, sessionId);
  expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 100_000_000 }]);
});

test("a success page with somebody else's session, or a made-up one, grants nothing and says nothing", async () => {
  const [ada, eve] = [await addCustomer(world), await addCustomer(world)];
  const sessionId = await pay(ada, "pro_month");
  await startCheckout(eve, "pro_month", now());
  for (const id of [sessionId, "cs_test_nothing", "'; drop table grants; --"])
    await expect(finishCheckout(eve.workspaceId, id)).rejects.toMatchObject({ code: "not_found" });
  expect(await grantsOf(world, eve)).toEqual([]);
  expect(await planOf(eve)).toBe("free");
});

test("a success page that is opened without paying grants nothing", async () => {
  const ada = await addCustomer(world);
  await startCheckout(ada, "pro_month", now());
  const [session] = (await world.stripe.checkout.sessions.list({ limit: 1 })).data;
  expect(await finishCheckout(ada.workspaceId, session?.id ?? "")).toEqual({
    status: "open",
    mode: "subscription",
  });
  expect(await grantsOf(world, ada)).toEqual([]);
  expect(await planOf(ada)).toBe("free");
});

test("ten Checkouts at once make one customer and one page", async () => {
  const ada = await addCustomer(world);
  const started = await Promise.all(Array.from({ length: 10 }, () => startCheckout(ada, "pro_month", now())));
  expect(new Set(started.map(({ url }) => url)).size).toBe(1);
  expect(await customersNamed(ada)).toHaveLength(1);
});

test("wound: two subscriptions, charged twice: Checkouts for different plans at once leave one page open, and one subscription can be bought", async () => {
  const ada = await addCustomer(world);
  const keys = ["pro_month", "pro_year", "enterprise_month", "enterprise_year"];
  const started = await Promise.all(keys.map((key) => startCheckout(ada, key, now())));
  const customer = await stripeCustomerOf(world, ada);
  const open = await world.stripe.checkout.sessions.list({ customer, status: "open" });
  expect(open.data).toHaveLength(1);
  const paid = await Promise.all(started.map(({ url }) => submitCard(url, "4242424242424242")));
  expect(paid.filter((answer) => answer.status === 303)).toHaveLength(1);
  expect((await world.stripe.subscriptions.list({ customer, status: "all" })).data).toHaveLength(1);
});

test("whoever has a subscription is refused a second one, and may buy again when it has ended", async () => {
  const ada = await addCustomer(world);
  const customer = await subscribe(world, ada, "pro_month");
  await expect(startCheckout(ada, "enterprise_month", now())).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("You already have Pro"),
  });
  await cancelAtPeriodEnd(ada, now());
  await expect(startCheckout(ada, "pro_year", now())).rejects.toMatchObject({ code: "conflict" });
  const [subscription] = (await world.stripe.subscriptions.list({ customer })).data;
  await world.stripe.subscriptions.cancel(subscription?.id ?? "");
  expect((await startCheckout(ada, "enterprise_month", now())).url).toContain("/c/pay/");
});

test("a subscription that nobody told us of yet is seen all the same", async () => {
  const ada = await addCustomer(world);
  await pay(ada, "pro_month");
  await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({ code: "conflict" });
});

test("a customer whom Stripe made while every answer was lost is found again, not made twice", async () => {
  const ada = await addCustomer(world);
  await world.control("chaos", { failNextApi: "timeout_after_effect", failNextApiTimes: 3, drop: true });
  await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({ code: "billing_unavailable" });
  expect(await customersNamed(ada)).toHaveLength(1);
  await startCheckout(ada, "pro_month", now());
  expect(await customersNamed(ada)).toHaveLength(1);
});

test("while Stripe is away nothing is bought, and it works again afterwards", async () => {
  const ada = await addCustomer(world);
  await world.control("chaos", { failNextApi: 500, failNextApiTimes: 3, drop: true });
  await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({ code: "billing_unavailable" });
  await world.control("chaos", { failNextApi: null, drop: true });
  expect((await startCheckout(ada, "pro_month", now())).url).toContain("/c/pay/");
});

test("a declined card buys nothing, and the same page can be paid with another", async () => {
  const ada = await addCustomer(world);
  const { url } = await startCheckout(ada, "pro_month", now());
  const declined = await submitCard(url, "4000000000000002");
  expect(declined.headers.get("location")).toBeNull();
  expect(await declined.text()).toContain("declined");
  expect(await planOf(ada)).toBe("free");
  const paid = await submitCard(url, "4242424242424242");
  const sessionId = new URL(paid.headers.get("location") ?? "").searchParams.get("session_id") ?? "";
  await finishCheckout(ada.workspaceId, sessionId);
  expect(await planOf(ada)).toBe("pro");
});

test("a member who is neither owner nor admin may not buy, and an unknown price is none", async () => {
  const ada = await addCustomer(world);
  await expect(startCheckout({ ...ada, memberRole: "member" }, "pro_month", now())).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(startCheckout(ada, "gold_month", now())).rejects.toMatchObject({ code: "not_found" });
});

test("a customer who was deleted at Stripe gets a new one", async () => {
  const ada = await addCustomer(world);
  await startCheckout(ada, "pro_month", now());
  const before = await stripeCustomerOf(world, ada);
  await world.stripe.customers.del(before);
  await startCheckout(ada, "pro_month", now());
  expect(await stripeCustomerOf(world, ada)).not.toBe(before);
});

test("a page that ran out of time, unheard of, does not stand in the way of the next", async () => {
  const ada = await addCustomer(world);
  const { url: first } = await startCheckout(ada, "pro_month", now());
  const [session] = (await world.stripe.checkout.sessions.list({ limit: 1 })).data;
  await world.stripe.checkout.sessions.expire(session?.id ?? "");
  const { url: second } = await startCheckout(ada, "pro_month", now());
  expect(second).not.toBe(first);
});

test("a promotion code lowers what is paid, not what is given, and works once where it is for once", async () => {
  const coupon = await world.stripe.coupons.create({ percent_off: 50, duration: "once", max_redemptions: 1 });
  await world.stripe.promotionCodes.create({
    code: "HALF",
    promotion: { type: "coupon", coupon: coupon.id },
  });
  const ada = await addCustomer(world);
  const { url } = await startCheckout(ada, "pro_month", now());
  await fetch(url, { method: "POST", body: new URLSearchParams({ promotion_code: "HALF" }) });
  const back = (await submitCard(url, goodCard)).headers.get("location") ?? "";
  await finishCheckout(ada.workspaceId, new URL(back).searchParams.get("session_id") ?? "");
  expect(await grantsOf(world, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
  const customer = await stripeCustomerOf(world, ada);
  expect((await world.stripe.charges.list({ customer })).data).toMatchObject([{ amount: 950 }]);
  const { url: other } = await startCheckout(await addCustomer(world), "pro_month", now());
  const page = await fetch(other, { method: "POST", body: new URLSearchParams({ promotion_code: "HALF" }) });
  expect(await page.text()).toContain("invalid");
});
