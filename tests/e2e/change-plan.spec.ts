import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { payInCheckout } from "#tests/e2e/pay-in-checkout.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

test("an upgrade applies immediately for the previewed price, and a downgrade waits for the period's end and can be undone", async ({
  page,
}) => {
  test.setTimeout(150_000);
  await createSignedInUser(page);
  await page.goto("/billing/checkout?plan=pro_month");
  await page.waitForURL(/\/c\/pay\//);
  await payInCheckout(page, "4242 4242 4242 4242");
  await page.waitForURL("**/billing?notice=welcome");

  await page.getByRole("link", { name: "Change plan" }).click();
  await page.waitForURL("**/billing/plan");
  await page.getByRole("link", { name: /^Enterprise monthly/ }).click();
  const change = page.getByRole("region", { name: "Pro monthly to Enterprise monthly" });
  await expect(change).toContainText("Immediately");
  await expectAccessible(page);
  const amount =
    ((await change.getByRole("button").textContent()) ?? "").match(/\$\d+\.\d\d/)?.[0] ?? "no amount";
  await change.getByRole("button", { name: `Pay ${amount} and change` }).click();
  await page.waitForURL("**/billing?notice=changed");
  await expect(page.getByText("You’re on Enterprise")).toBeVisible();
  await expect(page.getByRole("region", { name: "Invoice list" })).toContainText(amount);

  await page.getByRole("link", { name: "Change plan" }).click();
  await page.getByRole("link", { name: /^Pro monthly/ }).click();
  await page.getByRole("button", { name: "Change to Pro monthly" }).click();
  await page.waitForURL("**/billing");
  await expect(page.getByText("Pro monthly starts next")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Keep current plan" }).click();
  await expect(page.getByText("Pro monthly starts next")).toHaveCount(0);
  await expect(page.getByRole("region", { name: /^Enterprise\b/ })).toContainText("Next payment: $99.00");

  await page.getByRole("button", { name: "Cancel plan" }).click();
  await page.getByRole("button", { name: "Cancel Enterprise" }).click();
  await expect(page.getByRole("button", { name: "Keep Enterprise" })).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Enterprise\b/ })).toBeFocused();
});

test("a top-up on the Free plan is credited when Checkout redirects back", async ({ page }) => {
  await createSignedInUser(page);
  await page.goto("/billing");
  const credit = page.getByRole("region", { name: "Monthly credit" });
  await credit.getByRole("button", { name: "$20" }).click();
  await page.waitForURL(/\/c\/pay\//);
  await payInCheckout(page, "4242 4242 4242 4242");
  await page.waitForURL("**/billing?notice=credit");
  await expect(page.getByText("Top-up added")).toBeVisible();
  await expect(credit).toContainText("$20.50 of credit left");
  await expect(page.getByRole("region", { name: "Invoice list" })).toContainText("$20.00");
  await expectAccessible(page);
});
