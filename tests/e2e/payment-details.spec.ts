import type { BrowserContext, Page } from "@playwright/test";
import Stripe from "stripe";
import { subscribeToPro } from "#sandbox/seed/subscribe-to-pro.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { payInCheckout } from "#tests/e2e/pay-in-checkout.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const sandboxUrl = process.env.SANDBOX_STRIPE_URL ?? "";

/** Returns the Stripe SDK for the sandbox, for state that the app itself does not create. */
function stripe(): Stripe {
  const { hostname, port } = new URL(sandboxUrl);
  return new Stripe("sk_test_sandbox000000000000", { host: hostname, port: Number(port), protocol: "http" });
}

/** Serves the sandbox's Stripe.js at Stripe's URL and records the requested paths. */
async function serveStripeJs(context: BrowserContext): Promise<{ requested: string[] }> {
  const requested: string[] = [];
  await context.route("https://js.stripe.com/**", async (route) => {
    const { pathname } = new URL(route.request().url());
    requested.push(pathname);
    const script = await fetch(`${sandboxUrl}${pathname}`);
    await route.fulfill({ contentType: "text/javascript", body: await script.text() });
  });
  return { requested };
}

/** Signs in a user on Pro and opens the billing page. @returns the Stripe customer's id */
async function openBillingOnPro(page: Page): Promise<string> {
  const { email } = await createSignedInUser(page);
  await subscribeToPro(email);
  await page.goto("/billing");
  const { data } = await stripe().customers.list({ email });
  return data[0]?.id ?? "";
}

const paymentMethod = (page: Page) => page.getByRole("region", { name: "Payment method" });
const bank = (page: Page) => page.frameLocator('iframe[title="Confirm with your bank"]');

/** Fills in a card in the embedded Checkout frame. */
async function enterCard(page: Page, number: string): Promise<void> {
  const form = page.frameLocator('iframe[title="Checkout"]');
  await form.getByLabel("Card number").fill(number);
  await form.getByLabel("Expiry (MM / YY)").fill("12 / 34");
  await form.getByLabel("CVC").fill("123");
  await form.getByLabel("Name on card").fill("Grace Hopper");
  await form.getByRole("button", { name: "Save card" }).click();
}

test("the card is changed and a plan change is authenticated with the bank without leaving the page", async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  const { requested } = await serveStripeJs(context);
  await openBillingOnPro(page);
  await expect(paymentMethod(page)).toContainText("Visa ending in 4242");
  expect(requested, "Stripe.js before it is needed").toEqual([]);
  await expectAccessible(page);

  const changeCard = paymentMethod(page).getByRole("button", { name: "Change card" });
  await changeCard.focus();
  await page.keyboard.press("Enter");
  await expect(paymentMethod(page).getByRole("region", { name: "New card" })).toBeFocused();
  // The form grows while it loads and moves the button below it.
  await expect(page.frameLocator('iframe[title="Checkout"]').getByLabel("Card number")).toBeVisible();
  await paymentMethod(page).getByRole("button", { name: "Keep current card" }).click();
  await expect(changeCard).toBeFocused();
  await page.keyboard.press("Enter");
  await enterCard(page, "4000 0027 6000 3184");
  await page
    .frameLocator('iframe[title="Checkout"]')
    .getByRole("button", { name: "Complete authentication" })
    .click();
  await expect(paymentMethod(page)).toContainText("Visa ending in 3184");
  await expect(changeCard).toBeFocused();
  expect(requested).toHaveLength(1);
  expect(new URL(page.url()).pathname).toBe("/billing");

  await page.goto("/billing/plan?to=enterprise_month");
  await page.getByRole("button", { name: /^Pay .* and change$/ }).click();
  await bank(page).getByRole("button", { name: "Fail" }).click();
  await expect(page.getByText("The payment wasn’t confirmed with your bank.")).toBeVisible();
  await expect(page.getByRole("region", { name: /^Pro\b/ })).toBeVisible();
  await expectAccessible(page);

  const waiting = page.getByRole("status").filter({ hasText: "Your bank needs you to confirm this payment" });
  await waiting.getByRole("button", { name: "Pay now" }).click();
  const dialog = page.getByRole("dialog", { name: /^Pay / });
  await expect(dialog).toContainText("Visa ending in 3184 will be charged");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: /^Pay / }).click();
  await bank(page).getByRole("button", { name: "Complete authentication" }).click();
  await expect(page.getByRole("region", { name: /^Enterprise\b/ })).toBeVisible();
  await expect(page.getByText("Your bank needs you to confirm this payment")).toHaveCount(0);
});

test("a stale tab pays nothing twice and shows the current state", async ({ page, context }) => {
  test.setTimeout(150_000);
  const customer = await openBillingOnPro(page);
  const invoice = await stripe().invoices.create({ customer, auto_advance: false });
  await stripe().invoiceItems.create({ customer, invoice: invoice.id, amount: 700, currency: "usd" });
  await stripe().invoices.finalizeInvoice(invoice.id);
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("button", { name: /^Pay now/ })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  const payNow = page.getByRole("button", { name: /^Pay now/ });
  await payNow.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(payNow).toBeFocused();
  const other = await context.newPage();
  await other.goto("/billing");

  for (const tab of [page, other]) {
    await tab.getByRole("button", { name: /^Pay now/ }).click();
    await tab.getByRole("dialog").getByRole("button", { name: "Pay $7.00" }).click();
    await expect(tab.getByRole("button", { name: /^Pay now/ })).toHaveCount(0);
    await expect(tab.getByRole("dialog")).toHaveCount(0);
  }
  const charges = (await stripe().charges.list({ customer })).data.filter(({ amount }) => amount === 700);
  expect(charges).toHaveLength(1);

  await page.goto("/billing/plan?to=enterprise_month");
  await other.goto("/billing/plan?to=enterprise_month");
  await page.getByRole("button", { name: /^Pay .* and change$/ }).click();
  await page.waitForURL("**/billing?notice=changed");
  await other.getByRole("button", { name: /^Pay .* and change$/ }).click();
  await expect(other.getByText("You’re on Enterprise")).toBeVisible();
  const upgrades = await stripe().invoices.list({ customer });
  expect(upgrades.data.filter(({ billing_reason: reason }) => reason === "subscription_update")).toHaveLength(
    1,
  );
});

test("a plan whose first payment failed is paid from its card on the page", async ({ page }) => {
  const customer = await openBillingOnPro(page);
  const [first] = (await stripe().subscriptions.list({ customer })).data;
  await stripe().subscriptions.cancel(first?.id ?? "");
  const declined = await stripe().paymentMethods.attach("pm_card_chargeCustomerFail", { customer });
  await stripe().subscriptions.create({
    customer,
    items: [{ price: first?.items.data[0]?.price.id ?? "" }],
    default_payment_method: declined.id,
    payment_behavior: "allow_incomplete",
  });
  const plan = (name: string) => page.getByRole("region", { name: new RegExp(`^${name}\\b`) });
  const payNow = plan("Free").getByRole("button", { name: /^Pay now/ });
  await expect(async () => {
    await page.reload();
    await expect(payNow).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await payNow.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Pay $19.00" }).click();
  await expect(dialog).toContainText("Your bank declined the card.");
  const card = await stripe().paymentMethods.attach("pm_card_visa", { customer });
  const { data } = await stripe().subscriptions.list({ customer });
  await stripe().subscriptions.update(data[0]?.id ?? "", { default_payment_method: card.id });
  await expect(async () => {
    await page.reload();
    await payNow.click();
    await expect(dialog).toContainText("Visa ending in 4242 will be charged", { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await dialog.getByRole("button", { name: "Pay $19.00" }).click();
  await expect(plan("Pro")).toBeVisible();
});

test("going back from Checkout shows a top-up that was bought meanwhile", async ({ page, context }) => {
  await createSignedInUser(page);
  await page.goto("/billing");
  await page.getByRole("region", { name: "Monthly credit" }).getByRole("button", { name: "$20" }).click();
  await page.waitForURL(/\/c\/pay\//);
  const other = await context.newPage();
  await other.goto(page.url());
  await payInCheckout(other, "4242 4242 4242 4242");
  await other.waitForURL("**/billing?notice=credit");
  await page.goBack();
  await expect(page.getByRole("region", { name: "Monthly credit" })).toContainText("$20.50 of credit left");
});

test("name, address and tax id are saved, and a refused value shows its error at the field", async ({
  page,
}) => {
  await createSignedInUser(page);
  await page.goto("/billing");
  const details = page.getByRole("region", { name: "Billing details" });
  await details.getByText("Add name and address").click();
  await details.getByLabel("Name or company").fill("Analytical Engines Ltd");
  await details.getByLabel("Address line 1").fill("1 St James's Square");
  await details.getByLabel("City").fill("London");
  await details.getByLabel("Country").selectOption("GB");
  await details.getByRole("button", { name: "Save" }).click();
  await expect(details.getByText("Saved.")).toBeVisible();
  await details.getByText("Add tax ID").click();
  await details.getByLabel("Type").selectOption("gb_vat");
  await details.getByLabel("Tax ID", { exact: true }).fill("12");
  await details.getByRole("button", { name: "Add", exact: true }).click();
  await expect(details.getByText("Enter a valid tax ID, like GB123456789.")).toBeVisible();
  await expectAccessible(page);
  await details.getByLabel("Tax ID", { exact: true }).fill("GB123456789");
  await details.getByRole("button", { name: "Add", exact: true }).click();
  await expect(details.getByRole("listitem")).toContainText("GB123456789");
  await page.reload();
  await expect(details.getByRole("group").first()).toBeVisible();
  await expect(details).toContainText("1 St James's Square");
});
