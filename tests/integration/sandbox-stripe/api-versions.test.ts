import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  all,
  createPlan,
  failureOf,
  payingCustomer,
  type SandboxClient,
  startSandbox,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let stripe: Stripe;
beforeEach(async () => {
  sandbox = await startSandbox();
  ({ stripe } = sandbox);
});
afterEach(() => sandbox.stop());

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.url}${path}`, {
    headers: { authorization: "Bearer sk_test_any", ...headers },
  });
  const body: Record<string, unknown> = await response.json();
  return { status: response.status, body, version: response.headers.get("stripe-version") };
}
const acacia = { "stripe-version": "2025-02-24.acacia" };

describe("API versions", () => {
  test("P9: an unknown API version is rejected, and a known one is echoed", async () => {
    const unknown = await get("/v1/customers", { "stripe-version": "2099-01-01.fig" });
    expect([unknown.status, unknown.body]).toMatchObject([
      400,
      { error: { type: "invalid_request_error", message: "Invalid Stripe API version: 2099-01-01.fig" } },
    ]);
    const known = await get("/v1/customers", acacia);
    expect([known.status, known.version]).toEqual([200, "2025-02-24.acacia"]);
  });

  test("P9: an older version gets the fields that its objects had", async () => {
    const plan = await createPlan(stripe, "Pro", 1900);
    const customer = await payingCustomer(stripe);
    const subscription = await stripe.subscriptions.create({ customer, items: [{ price: plan.month.id }] });
    const [item] = subscription.items.data;
    const path = `/v1/subscriptions/${subscription.id}`;
    expect((await get(path, acacia)).body).toMatchObject({
      current_period_start: item?.current_period_start,
      current_period_end: item?.current_period_end,
      plan: { id: plan.month.id },
      quantity: 1,
    });
    const current = await get(path, { "stripe-version": String(stripe.getApiField("version")) });
    expect(current.body).not.toHaveProperty("current_period_end");
    const expanded = await get(`${path}?expand[]=latest_invoice.payment_intent`, acacia);
    expect(expanded.body).toMatchObject({
      latest_invoice: {
        subscription: subscription.id,
        paid: true,
        payment_intent: { object: "payment_intent", status: "succeeded" },
        lines: {
          data: [{ price: { id: plan.month.id }, proration: false, type: "subscription" }],
        },
      },
    });
    const [charge] = (await stripe.charges.list({ customer })).data;
    expect((await get(`/v1/charges/${charge?.id}`, acacia)).body).toMatchObject({
      invoice: subscription.latest_invoice,
    });
  });

  test("P9: an older version may use the parameters that integrations of its time send", async () => {
    const plan = await createPlan(stripe, "Pro", 1900);
    const customer = await payingCustomer(stripe);
    await stripe.coupons.create({ id: "half", percent_off: 50, duration: "once" });
    const post = async (path: string, params: Record<string, string>) => {
      const response = await fetch(`${sandbox.url}${path}`, {
        method: "POST",
        headers: { authorization: "Bearer sk_test_any", ...acacia },
        body: new URLSearchParams(params),
      });
      const body: Record<string, unknown> = await response.json();
      return { status: response.status, body };
    };
    const created = await post("/v1/subscriptions", {
      customer,
      "items[0][plan]": plan.month.id,
      coupon: "half",
      "expand[]": "latest_invoice",
    });
    expect(created.body).toMatchObject({ status: "active", latest_invoice: { total: 950 } });
    const path = `/v1/subscriptions/${String(created.body.id)}`;
    expect((await post(path, { billing_cycle_anchor: "now" })).status).toBe(200);
    const preview = `/v1/invoices/upcoming?subscription=${String(created.body.id)}`;
    expect((await get(preview, acacia)).body).toMatchObject({ object: "invoice", total: 1900 });
    const page = { mode: "payment", ui_mode: "embedded", return_url: "http://shop.example" };
    const oneTime = { "line_items[0][price]": plan.month.id, "line_items[0][quantity]": "1" };
    const session = await post("/v1/checkout/sessions", { ...page, ...oneTime, mode: "subscription" });
    expect(session.body).toMatchObject({ ui_mode: "embedded_page" });
  });

  test("P9: an unknown connected account is rejected, the own account is accepted", async () => {
    const error = await failureOf(stripe.customers.list({}, { stripeAccount: "acct_unknown" }));
    expect([error.statusCode, error.code]).toEqual([403, "account_invalid"]);
    const own = await stripe.accounts.retrieveCurrent();
    expect((await stripe.customers.list({}, { stripeAccount: own.id })).data).toEqual([]);
  });
});

describe("lists", () => {
  test("P6: an invoice shows ten lines inline and the rest by the list endpoint", async () => {
    const customer = await payingCustomer(stripe);
    for (let amount = 1; amount <= 12; amount += 1) {
      await stripe.invoiceItems.create({ customer, amount: amount * 100, currency: "usd" });
    }
    const { id } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: "include" });
    const { lines, total } = await stripe.invoices.retrieve(id);
    expect([lines.data.length, lines.has_more, total]).toEqual([10, true, 7800]);
    const rows = await all(stripe.invoices.listLineItems(id, { limit: 5 }));
    expect(rows.map(({ amount }) => amount)).toEqual(
      Array.from({ length: 12 }, (_, index) => (index + 1) * 100),
    );
    const [listed] = (await stripe.invoices.list({ customer })).data;
    expect(listed?.lines.has_more).toBe(true);
    const finalized = await stripe.invoices.finalizeInvoice(id);
    expect(finalized.lines.data).toHaveLength(10);
    const [event] = (await stripe.events.list({ type: "invoice.finalized" })).data;
    expect(event?.data.object).toMatchObject({ lines: { has_more: true } });
  });

  test("P8: every event is found through the pages of the v2 event list", async () => {
    for (let index = 0; index < 45; index += 1) await stripe.customers.create({ name: `Person ${index}` });
    const first = await stripe.v2.core.events.list({ limit: 10 });
    expect(first.data).toHaveLength(10);
    expect(first.next_page_url).not.toBeNull();
    const ids = (await all(stripe.v2.core.events.list({ limit: 10 }))).map(({ id }) => id);
    expect(new Set(ids).size).toBe(45);
    const one = (await stripe.customers.list({ limit: 1 })).data[0]?.id ?? "";
    expect(await all(stripe.v2.core.events.list({ object_id: one }))).toHaveLength(1);
  });
});
