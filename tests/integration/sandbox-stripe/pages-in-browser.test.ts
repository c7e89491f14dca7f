import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createPlan,
  type SandboxClient,
  startSandbox,
  subscribe,
} from "#tests/integration/sandbox-stripe/sandbox-client.ts";
import { launch } from "#tests/integration/sandbox-stripe/shop-page.ts";

let browser: Browser;
let sandbox: SandboxClient;
let page: Page;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
beforeEach(async () => {
  sandbox = await startSandbox();
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
});
afterEach(async () => {
  await page.close();
  await sandbox.stop();
});

async function openSession(): Promise<string> {
  const { month } = await createPlan(sandbox.stripe, "Pro", 1900);
  const session = await sandbox.stripe.checkout.sessions.create({
    mode: "subscription",
    // The dashboard replaces the merchant's page.
    success_url: `${sandbox.url}/subscriptions`,
    line_items: [{ price: month.id, quantity: 1 }],
    allow_promotion_codes: true,
  });
  return session.url ?? "";
}

async function pay(number: string): Promise<void> {
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("Expiry").fill("12 / 49");
  await page.getByLabel("CVC").fill("123");
  await page.getByLabel("Name on card").fill("Ada Lovelace");
  await page.getByRole("button", { name: "Subscribe" }).click();
}

test("Back, Forward and Reload after a declined card lead to a page that can be paid", async () => {
  await page.goto(await openSession());
  await page.getByLabel("Email").fill("ada@example.com");
  await pay("4000000000000002");
  await page.getByRole("alert").filter({ hasText: "Your card was declined." }).waitFor();
  expect(await page.getByLabel("Email").inputValue()).toBe("ada@example.com");
  expect(await page.getByLabel("Card number").inputValue()).toBe("4000000000000002");
  expect(await page.getByLabel("CVC").inputValue()).toBe("");
  await page.reload();
  expect(await page.getByRole("alert").textContent()).toBe("Your card was declined.");
  await page.goBack();
  expect(await page.getByRole("button", { name: "Subscribe" }).isVisible()).toBe(true);
  expect(await page.getByRole("alert").count()).toBe(0);
  await page.goForward();
  await pay("4242424242424242");
  await page.waitForURL("**/subscriptions");
  await page.goBack();
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("Payment complete");
});

test("an invalid promotion code shows an error on a page that survives Back and Reload", async () => {
  await page.goto(await openSession());
  await page.getByLabel("Promotion code").fill("NOTHING");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("alert").filter({ hasText: "This code is invalid." }).waitFor();
  await page.goto(sandbox.url);
  await page.goBack();
  expect(await page.getByRole("alert").textContent()).toBe("This code is invalid.");
  expect(await page.getByLabel("Promotion code").inputValue()).toBe("NOTHING");
});

test("every dashboard button is visible on a phone without horizontal scrolling", async () => {
  const { month } = await createPlan(sandbox.stripe, "Pro", 1900);
  await subscribe(sandbox.stripe, month.id);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/", "/subscriptions", "/invoices", "/payments", "/events", "/webhooks"]) {
    await page.goto(`${sandbox.url}${path}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    for (const button of await page.getByRole("button").all()) {
      const box = await button.boundingBox();
      expect(
        (box?.x ?? 0) + (box?.width ?? 999),
        `${path} ${await button.textContent()}`,
      ).toBeLessThanOrEqual(390);
      expect(box?.height).toBeGreaterThanOrEqual(44);
    }
  }
});
