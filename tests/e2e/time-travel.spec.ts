import type { Locator, Page, TestInfo } from "@playwright/test";
import { expect, expectAccessible, type Person, signUp, test } from "#tests/e2e/fixtures.ts";
import { type OwnWorld, startOwnWorld } from "#tests/e2e/own-world.ts";
import { pay } from "#tests/e2e/pay.ts";

/** Stripe finalises a renewal an hour after the period's end. */
const afterwards = 2;
let world: OwnWorld;

test.setTimeout(600_000);
/** High enough for a picture of the whole page. */
test.use({ viewport: { width: 1280, height: 2_000 } });
test.beforeAll(async () => {
  world = await startOwnWorld("time_travel");
});
test.afterAll(() => world.stop());

/** A sign-in lasts thirty days, and so does this one: whoever travels further signs in again. */
async function openBilling(page: Page, person: Person): Promise<void> {
  await page.goto(`${world.url}/billing`);
  if (!page.url().includes("/sign-in")) return;
  await page.goto(`${world.url}/sign-in`);
  await signInAt(page, person);
  await page.goto(`${world.url}/billing`);
}

async function signInAt(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/chat");
}

/** Travels beyond what is paid for, and waits until the billing page says what time has brought: Stripe tells of it by webhooks. */
async function travel(page: Page, person: Person, sign: (page: Page) => Locator): Promise<void> {
  await world.passPeriod(afterwards);
  await expect(async () => {
    await openBilling(page, person);
    await expect(sign(page)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
}

const planCard = (page: Page, name: string) => page.getByRole("region", { name: new RegExp(`^${name}`) });
const leftInSidebar = (page: Page) =>
  page.getByRole("navigation", { name: "Account" }).getByRole("link", { name: /left$/ });
const credit = (page: Page) => page.getByRole("region", { name: "Credit this month" });

function pictures(page: Page, info: TestInfo) {
  let count = 0;
  return async (name: string) => {
    count += 1;
    const path = info.outputPath(`${String(count).padStart(2, "0")}-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
    await expectAccessible(page);
  };
}

test("a customer's life, month after month: trial, paid, upgrade, failed card, grace, recovered, downgrade, canceled, Free", async ({
  page,
}, info) => {
  const picture = pictures(page, info);
  const person = await signUp(page, world.url);

  await page.goto(`${world.url}/billing`);
  await page.getByRole("button", { name: "Try Pro for 14 days" }).click();
  await page.waitForURL(/\/c\/pay\//);
  await pay(page, "4242 4242 4242 4242");
  await page.waitForURL("**/billing?notice=trial");
  await expect(page.getByText("14 days of your trial are left")).toBeVisible();
  await expect(credit(page)).toContainText("of $5.00 used");
  await picture("trial");

  await travel(page, person, (shown) => planCard(shown, "Pro").getByText("Active"));
  await expect(planCard(page, "Pro")).toContainText("next payment of $19.00");
  await expect(credit(page)).toContainText("of $15.00 used");
  await picture("paid");

  await page.getByRole("link", { name: "Change plan" }).click();
  await page.getByRole("link", { name: /^Enterprise, monthly/ }).click();
  await page.getByRole("button", { name: /^Pay \$\d+\.\d\d and change$/ }).click();
  await page.waitForURL("**/billing?notice=changed");
  await expect(planCard(page, "Enterprise").getByText("Active")).toBeVisible();
  await picture("upgraded");

  await world.control("chaos", { failNextCharges: 1 });
  const banner = page.getByRole("region", { name: "A payment failed" });
  await travel(page, person, () => banner);
  await expect(banner).toContainText("We could not collect $99.00");
  await expect(banner).toContainText("You keep your plan until");
  await expect(planCard(page, "Enterprise").getByText("Payment failed")).toBeVisible();
  await expect(credit(page)).toContainText("comes once the open payment is made");
  await expect(leftInSidebar(page)).toContainText("$10.00");
  await picture("grace");

  await banner.getByRole("button", { name: /^Pay now/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Pay $99.00" }).click();
  await expect(banner).toHaveCount(0);
  await expect(planCard(page, "Enterprise").getByText("Active")).toBeVisible();
  await expect(credit(page)).toContainText("$100.00 of credit is left");
  await expect(leftInSidebar(page)).toContainText("$100.00");
  await picture("recovered");

  await page.getByRole("link", { name: "Change plan" }).click();
  await page.getByRole("link", { name: /^Pro, monthly/ }).click();
  await page.getByRole("button", { name: "Change to Pro monthly" }).click();
  await page.waitForURL("**/billing");
  await expect(page.getByText("Pro monthly comes next")).toBeVisible();
  await picture("downgrade-in-store");
  await travel(page, person, (shown) => planCard(shown, "Pro").getByText("Active"));
  await expect(credit(page)).toContainText("of $15.00 used");
  await picture("downgraded");

  await page.getByRole("button", { name: "Cancel plan" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel Pro" }).click();
  await expect(planCard(page, "Pro").getByText("Ends soon")).toBeVisible();
  await picture("canceled");
  await travel(page, person, (shown) => planCard(shown, "Free"));
  await expect(page.getByText("Nothing to pay.")).toBeVisible();
  await expect(credit(page)).toContainText("$0.50 of credit is left");
  await picture("free");
});
