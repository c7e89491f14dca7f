import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createPlan,
  failureOf,
  type SandboxClient,
  startSandbox,
  submitCard,
  submitForm,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";

let sandbox: SandboxClient;
let price: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  price = (await createPlan(sandbox.stripe, "Pro", 1900)).month.id;
});
afterEach(() => sandbox.stop());

async function openPortal(customer: string) {
  const session = await sandbox.stripe.billingPortal.sessions.create({
    customer,
    return_url: "http://shop.example/billing",
  });
  return session.url;
}

describe("the portal", () => {
  test("the portal shows plan, card, invoices and the return link", async () => {
    const { customer } = await subscribe(sandbox.stripe, price);
    const page = await (await fetch(await openPortal(customer))).text();
    for (const text of ["Pro", "$19.00 / month", "ending in 4242", "-0001", "http://shop.example/billing"]) {
      expect(page).toContain(text);
    }
  });

  test("the portal cancels with cancel_at instead of the flag, and can revert it", async () => {
    const { stripe } = sandbox;
    const { customer, subscription } = await subscribe(stripe, price);
    const url = await openPortal(customer);
    expect((await submitForm(url, { action: "cancel", subscription: subscription.id })).status).toBe(303);
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      cancel_at: subscription.items.data[0]?.current_period_end,
      cancel_at_period_end: false,
      status: "active",
    });
    expect(await (await fetch(url)).text()).toContain("Keep plan");
    await submitForm(url, { action: "resume", subscription: subscription.id });
    expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at).toBeNull();
  });

  test("the portal changes the default card and rejects a card that fails to attach", async () => {
    const { stripe } = sandbox;
    const { customer, subscription } = await subscribe(stripe, price);
    const url = await openPortal(customer);
    const refused = await submitCard(url, "4000000000000002", { action: "card" });
    expect([refused.status, (await refused.text()).includes("Your card was declined.")]).toEqual([200, true]);
    expect((await submitCard(url, "5555555555554444", { action: "card" })).status).toBe(303);
    const updated = await stripe.subscriptions.retrieve(subscription.id, {
      expand: ["default_payment_method"],
    });
    expect(updated.default_payment_method).toMatchObject({ card: { brand: "mastercard", last4: "4444" } });
    expect((await stripe.paymentMethods.list({ customer, type: "card" })).data).toHaveLength(2);
  });

  test("the portal cannot change another customer's subscription", async () => {
    const { stripe } = sandbox;
    const mine = await subscribe(stripe, price);
    const theirs = await subscribe(stripe, price);
    const answer = await submitForm(await openPortal(mine.customer), {
      action: "cancel",
      subscription: theirs.subscription.id,
    });
    expect(answer.status).toBe(200);
    expect((await stripe.subscriptions.retrieve(theirs.subscription.id)).cancel_at).toBeNull();
  });

  test("the portal returns 404 for a guessed session and rejects an unknown customer", async () => {
    expect((await fetch(`${sandbox.url}/p/session/guessed`)).status).toBe(404);
    expect((await failureOf(openPortal("cus_none"))).code).toBe("resource_missing");
  });

  test("the portal rejects cross-site form posts", async () => {
    const { customer, subscription } = await subscribe(sandbox.stripe, price);
    const answer = await fetch(await openPortal(customer), {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site" },
      body: new URLSearchParams({ action: "cancel", subscription: subscription.id }),
    });
    expect(answer.status).toBe(403);
  });
});

describe("invoice pages", () => {
  test("an invoice has a page and a PDF with a valid cross-reference table", async () => {
    const { subscription } = await subscribe(sandbox.stripe, price);
    const [invoice] = (await sandbox.stripe.invoices.list({ subscription: subscription.id })).data;
    expect(await (await fetch(invoice?.hosted_invoice_url ?? "")).text()).toContain(
      invoice?.number ?? "none",
    );
    const answer = await fetch(invoice?.invoice_pdf ?? "");
    expect(answer.headers.get("content-type")).toBe("application/pdf");
    const pdf = Buffer.from(await answer.arrayBuffer()).toString("latin1");
    expect(pdf).toContain(`Invoice ${invoice?.number}`);
    const start = Number(/startxref\n(\d+)\n%%EOF/.exec(pdf)?.[1]);
    expect(pdf.slice(start, start + 4)).toBe("xref");
    const offsets = [...pdf.slice(start).matchAll(/^(\d{10}) 00000 n/gm)].map((match) => Number(match[1]));
    expect(offsets.map((offset, position) => pdf.startsWith(`${position + 1} 0 obj`, offset))).toEqual(
      offsets.map(() => true),
    );
  });

  test("an invoice's lines can be listed, and a wrong token returns 404", async () => {
    const { subscription } = await subscribe(sandbox.stripe, price);
    const id = String(subscription.latest_invoice);
    const lines = await sandbox.stripe.invoices.listLineItems(id);
    expect(lines.data).toMatchObject([
      { amount: 1900, pricing: { price_details: { price } }, parent: { type: "subscription_item_details" } },
    ]);
    expect((await fetch(`${sandbox.url}/invoices/${id}_guessed`)).status).toBe(404);
  });
});
