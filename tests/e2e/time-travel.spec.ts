import type { Locator, Page, TestInfo } from "@playwright/test";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { type IsolatedApp, startIsolatedApp } from "#tests/e2e/isolated-app.ts";
import { payInCheckout } from "#tests/e2e/pay-in-checkout.ts";
import { createSignedInUser, type TestUser } from "#tests/e2e/users.ts";

/** Stripe finalizes a renewal invoice an hour after the period's end. */
const hoursAfterPeriod = 2;
let app: IsolatedApp;

test.setTimeout(600_000);
/** High enough for a screenshot of the whole page. */
test.use({ viewport: { width: 1280, height: 2_000 } });
test.beforeAll(async () => {
  app = await startIsolatedApp("time_travel");
});
test.afterAll(() => app.stop());

/** Opens the billing page; signs in again when the session of 30 days has expired. */
async function openBilling(page: Page, user: TestUser): Promise<void> {
  await page.goto(`${app.url}/billing`);
  if (!page.url().includes("/sign-in")) return;
  await page.goto(`${app.url}/sign-in`);
  await signInAt(page, user);
  await page.goto(`${app.url}/billing`);
}

async function signInAt(page: Page, { email, password }: TestUser): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/chat");
}

/**
 * Advances the clock beyond the paid period and waits until the billing page shows the result, which Stripe
 * reports by webhooks.
 */
async function travel(page: Page, user: TestUser, expected: (page: Page) => Locator): Promise<void> {
  await app.passPeriod(hoursAfterPeriod);
  await expect(async () => {
    await openBilling(page, user);
    await expect(expected(page)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
}

const planCard = (page: Page, name: string) => page.getByRole("region", { name: new RegExp(`^${name}\\b`) });
const sidebarCredit = (page: Page) =>
  page.getByRole("navigation", { name: "Account" }).getByRole("link", { name: /left$/ });
const credit = (page: Page) => page.getByRole("region", { name: "Monthly credit" });

function createScreenshots(page: Page, info: TestInfo) {
  let count = 0;
  return async (name: string) => {
    count += 1;
    const path = info.outputPath(`${String(count).padStart(2, "0")}-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
    await expectAccessible(page);
  };
}

test("a subscription goes through trial, renewal, upgrade, failed payment, grace period, recovery, downgrade and cancellation", async ({
  page,
}, info) => {
  const screenshot = createScreenshots(page, info);
  const user = await createSignedInUser(page, app);

  await page.goto(`${app.url}/billing`);
  await page.getByRole("button", { name: "Start free trial" }).click();
  await page.waitForURL(/\/c\/pay\//);
  await payInCheckout(page, "4242 4242 4242 4242");
  await page.waitForURL("**/billing?notice=trial");
  await expect(page.getByText("14 days left in your trial")).toBeVisible();
  await expect(credit(page)).toContainText("of $5.00 used");
  await screenshot("trial");

  await travel(page, user, (shown) => planCard(shown, "Pro").getByText("Active"));
  await expect(planCard(page, "Pro")).toContainText("Next payment: $19.00");
  await expect(credit(page)).toContainText("of $15.00 used");
  await screenshot("paid");

  await page.getByRole("link", { name: "Change plan" }).click();
  await page.getByRole("link", { name: /^Enterprise monthly/ }).click();
  await page.getByRole("button", { name: /^Pay \$\d+\.\d\d and change$/ }).click();
  await page.waitForURL("**/billing?notice=changed");
  await expect(planCard(page, "Enterprise").getByText("Active")).toBeVisible();
  await screenshot("upgraded");

  await app.control("chaos", { failNextCharges: 1 });
  const banner = page.getByRole("region", { name: "Payment failed", exact: true });
  await travel(page, user, () => banner);
  await expect(banner).toContainText("We couldn’t collect $99.00");
  await expect(banner).toContainText("You keep your plan until");
  await expect(planCard(page, "Enterprise").getByText("Payment failed")).toBeVisible();
  await expect(credit(page)).toContainText("arrives when the payment goes through");
  await expect(sidebarCredit(page)).toContainText("$10.00");
  await screenshot("grace");

  await banner.getByRole("button", { name: /^Pay now/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pay $99.00" }).click();
  await expect(banner).toHaveCount(0);
  await expect(planCard(page, "Enterprise").getByText("Active")).toBeVisible();
  await expect(credit(page)).toContainText("$100.00 of credit left");
  await expect(sidebarCredit(page)).toContainText("$100.00");
  await screenshot("recovered");

  await page.getByRole("link", { name: "Change plan" }).click();
  await page.getByRole("link", { name: /^Pro monthly/ }).click();
  await page.getByRole("button", { name: "Change to Pro monthly" }).click();
  await page.waitForURL("**/billing");
  await expect(page.getByText("Pro monthly starts next")).toBeVisible();
  await screenshot("downgrade-scheduled");
  await travel(page, user, (shown) => planCard(shown, "Pro").getByText("Active"));
  await expect(credit(page)).toContainText("of $15.00 used");
  await screenshot("downgraded");

  await page.getByRole("button", { name: "Cancel plan" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel Pro" }).click();
  await expect(planCard(page, "Pro").getByText("Ends soon")).toBeVisible();
  await screenshot("canceled");
  await travel(page, user, (shown) => planCard(shown, "Free"));
  await expect(page.getByText("Nothing to pay.")).toBeVisible();
  await expect(credit(page)).toContainText("$0.50 of credit left");
  await screenshot("free");
});
