import { afterAll, beforeAll, expect, test } from "vitest";
import { cancelAtPeriodEnd } from "#lib/billing/actions/cancel.ts";
import { finishCheckout, startCheckout } from "#lib/billing/actions/checkout.ts";
import { entitlementsOf } from "#lib/billing/entitlements/entitlements.ts";
import { now } from "#lib/core/clock.ts";
import {
  addCustomer,
  type BillingTestEnv,
  type Customer,
  goodCard,
  payCheckout,
  readGrants,
  readStripeCustomerId,
  readSubscriptionState,
  startBillingTestEnv,
  subscribe,
} from "#tests/integration/billing/billing-test-env.ts";
import { submitCard } from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let testEnv: BillingTestEnv;
beforeAll(async () => {
  testEnv = await startBillingTestEnv();
});
afterAll(() => testEnv.close());

const planOf = async (customer: Customer) =>
  entitlementsOf(await readSubscriptionState(testEnv, customer), now()).plan;
const customersNamed = async ({ workspaceId }: Customer) =>
  (await testEnv.stripe.customers.list({ limit: 100 })).data.filter(
    (customer) => customer.metadata.workspace_id === workspaceId,
  );

test("the success page activates the plan and grants its allowance without any webhook (M10)", async () => {
  const ada = await addCustomer(testEnv);
  const sessionId = await payCheckout(ada, "pro_month");
  expect(await planOf(ada)).toBe("free");
  expect(await finishCheckout(ada.workspaceId, sessionId)).toEqual({
    status: "complete",
    mode: "subscription",
    paymentStatus: "paid",
  });
  expect(await planOf(ada)).toBe("pro");
  expect(await readGrants(testEnv, ada)).toMatchObject([{ kind: "allowance", amountMicros: 15_000_000 }]);
});

test("opening the success page repeatedly or concurrently grants once", async () => {
  const ada = await addCustomer(testEnv);
  const sessionId = await payCheckout(ada, "enterprise_month");
  await Promise.all(Array.from({ length: 20 }, () => finishCheckout(ada.workspaceId, sessionId)));
  await finishCheckout(ada.workspaceId, sessionId);
  expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 100_000_000 }]);
});

test("the success page of another workspace's or an unknown session grants nothing and reveals nothing", async () => {
  const [ada, eve] = [await addCustomer(testEnv), await addCustomer(testEnv)];
  const sessionId = await payCheckout(ada, "pro_month");
  await startCheckout(eve, "pro_month", now());
  for (const id of [sessionId, "cs_test_nothing", "'; drop table grants; --"])
    await expect(finishCheckout(eve.workspaceId, id)).rejects.toMatchObject({ code: "not_found" });
  expect(await readGrants(testEnv, eve)).toEqual([]);
  expect(await planOf(eve)).toBe("free");
});

test("the success page of an unpaid session grants nothing", async () => {
  const ada = await addCustomer(testEnv);
  await startCheckout(ada, "pro_month", now());
  const [session] = (await testEnv.stripe.checkout.sessions.list({ limit: 1 })).data;
  expect(await finishCheckout(ada.workspaceId, session?.id ?? "")).toEqual({
    status: "open",
    mode: "subscription",
    paymentStatus: "unpaid",
  });
  expect(await readGrants(testEnv, ada)).toEqual([]);
  expect(await planOf(ada)).toBe("free");
});

test("concurrent Checkouts create one customer and one session", async () => {
  const ada = await addCustomer(testEnv);
  const started = await Promise.all(Array.from({ length: 10 }, () => startCheckout(ada, "pro_month", now())));
  expect(new Set(started.map(({ url }) => url)).size).toBe(1);
  expect(await customersNamed(ada)).toHaveLength(1);
});

test("known failure mode: two subscriptions, charged twice: concurrent Checkouts for different plans leave one session open and sell one subscription", async () => {
  const ada = await addCustomer(testEnv);
  const keys = ["pro_month", "pro_year", "enterprise_month", "enterprise_year"];
  const started = await Promise.all(keys.map((key) => startCheckout(ada, key, now())));
  const customer = await readStripeCustomerId(testEnv, ada);
  const open = await testEnv.stripe.checkout.sessions.list({ customer, status: "open" });
  expect(open.data).toHaveLength(1);
  const paid = await Promise.all(started.map(({ url }) => submitCard(url, "4242424242424242")));
  expect(paid.filter((answer) => answer.status === 303)).toHaveLength(1);
  expect((await testEnv.stripe.subscriptions.list({ customer, status: "all" })).data).toHaveLength(1);
});

test("a second subscription is rejected while the first one runs and can be bought after it has ended", async () => {
  const ada = await addCustomer(testEnv);
  const customer = await subscribe(testEnv, ada, "pro_month");
  await expect(startCheckout(ada, "enterprise_month", now())).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("You already have Pro"),
  });
  await cancelAtPeriodEnd(ada, now());
  await expect(startCheckout(ada, "pro_year", now())).rejects.toMatchObject({ code: "conflict" });
  const [subscription] = (await testEnv.stripe.subscriptions.list({ customer })).data;
  await testEnv.stripe.subscriptions.cancel(subscription?.id ?? "");
  expect((await startCheckout(ada, "enterprise_month", now())).url).toContain("/c/pay/");
});

test("Checkout is rejected when Stripe has a subscription that was not synced yet", async () => {
  const ada = await addCustomer(testEnv);
  await payCheckout(ada, "pro_month");
  await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({ code: "conflict" });
});

test("a customer whose creation response was lost is reused", async () => {
  const ada = await addCustomer(testEnv);
  await testEnv.control("chaos", { failNextApi: "timeout_after_effect", failNextApiTimes: 3, drop: true });
  await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({ code: "billing_unavailable" });
  expect(await customersNamed(ada)).toHaveLength(1);
  await startCheckout(ada, "pro_month", now());
  expect(await customersNamed(ada)).toHaveLength(1);
});

test("Checkout fails while Stripe is unavailable and works again afterwards", async () => {
  const ada = await addCustomer(testEnv);
  await testEnv.control("chaos", { failNextApi: 500, failNextApiTimes: 3, drop: true });
  await expect(startCheckout(ada, "pro_month", now())).rejects.toMatchObject({ code: "billing_unavailable" });
  await testEnv.control("chaos", { failNextApi: null, drop: true });
  expect((await startCheckout(ada, "pro_month", now())).url).toContain("/c/pay/");
});

test("a declined card buys nothing, and the same session can be paid with another card", async () => {
  const ada = await addCustomer(testEnv);
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

test("Checkout is rejected for a member without billing rights and for an unknown price", async () => {
  const ada = await addCustomer(testEnv);
  await expect(startCheckout({ ...ada, memberRole: "member" }, "pro_month", now())).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(startCheckout(ada, "gold_month", now())).rejects.toMatchObject({ code: "not_found" });
});

test("Checkout creates a new customer when the old one was deleted at Stripe", async () => {
  const ada = await addCustomer(testEnv);
  await startCheckout(ada, "pro_month", now());
  const before = await readStripeCustomerId(testEnv, ada);
  await testEnv.stripe.customers.del(before);
  await startCheckout(ada, "pro_month", now());
  expect(await readStripeCustomerId(testEnv, ada)).not.toBe(before);
});

test("a session that expired without an event does not block the next Checkout", async () => {
  const ada = await addCustomer(testEnv);
  const { url: first } = await startCheckout(ada, "pro_month", now());
  const [session] = (await testEnv.stripe.checkout.sessions.list({ limit: 1 })).data;
  await testEnv.stripe.checkout.sessions.expire(session?.id ?? "");
  const { url: second } = await startCheckout(ada, "pro_month", now());
  expect(second).not.toBe(first);
});

test("a promotion code lowers the payment but not the allowance, and a single-use code applies once", async () => {
  const coupon = await testEnv.stripe.coupons.create({
    percent_off: 50,
    duration: "once",
    max_redemptions: 1,
  });
  await testEnv.stripe.promotionCodes.create({
    code: "HALF",
    promotion: { type: "coupon", coupon: coupon.id },
  });
  const ada = await addCustomer(testEnv);
  const { url } = await startCheckout(ada, "pro_month", now());
  await fetch(url, { method: "POST", body: new URLSearchParams({ promotion_code: "HALF" }) });
  const back = (await submitCard(url, goodCard)).headers.get("location") ?? "";
  await finishCheckout(ada.workspaceId, new URL(back).searchParams.get("session_id") ?? "");
  expect(await readGrants(testEnv, ada)).toMatchObject([{ amountMicros: 15_000_000 }]);
  const customer = await readStripeCustomerId(testEnv, ada);
  expect((await testEnv.stripe.charges.list({ customer })).data).toMatchObject([{ amount: 950 }]);
  const { url: other } = await startCheckout(await addCustomer(testEnv), "pro_month", now());
  const page = await fetch(other, { method: "POST", body: new URLSearchParams({ promotion_code: "HALF" }) });
  expect(await page.text()).toContain("invalid");
});
