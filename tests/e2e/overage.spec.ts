import { subscribeToPro } from "#sandbox/seed/subscribe-to-pro.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, messageField, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { spendCredit } from "#tests/e2e/spend-credit.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

test("with overage enabled, answers continue after the credit is used up and their cost is shown as billable (M16)", async ({
  page,
}, info) => {
  test.setTimeout(150_000);
  const user = await createSignedInUser(page);
  await page.goto("/billing");
  const overage = page.getByRole("region", { name: "Extra usage" });
  await expect(overage).toContainText("On a paid plan, you can enable extra usage");
  await expect(overage.getByRole("button")).toHaveCount(0);
  await subscribeToPro(user.email);
  await page.reload();

  await overage.getByLabel("Monthly spending limit (USD)").fill("25");
  await overage.getByRole("button", { name: "Enable" }).click();
  await expect(overage).toContainText("$0.00 of $25.00 used");
  await expectAccessible(page);
  await page.reload();
  await expect(overage).toContainText("$0.00 of $25.00 used");

  const credit = page.getByRole("region", { name: "Monthly credit" });
  await expect(credit).toContainText("$15.00 of credit left");
  await spendCredit(user.email, 25_000_000);
  await page.reload();
  await expect(credit).toContainText("$0.00 of credit left");
  await page.goto("/chat");
  await expect(page.getByText("Your credit is used up.")).toHaveCount(0);
  await send(page, "Say hello");
  await expectReceipt(page);
  await expect(messageField(page)).toBeEnabled();
  await page.goto("/billing");
  await expect(overage).toContainText(/\$0\.00\d+ of \$25\.00 used/);
  await overage.screenshot({ path: info.outputPath("overage.png") });
  await page.goto("/usage");
  await expect(page.getByText(/of extra usage so far, billed on/)).toBeVisible();
  await expectAccessible(page);

  await page.goto("/billing");
  await overage.getByLabel("Monthly spending limit (USD)").fill("30");
  await overage.getByRole("button", { name: "Save limit" }).click();
  await expect(overage).toContainText("of $30.00 used");
  await overage.getByRole("button", { name: "Disable" }).click();
  await expect(overage.getByRole("button", { name: "Enable" })).toBeVisible();
  await expect(overage).toContainText(/\$0\.00\d+ used so far will be billed/);
  await page.goto("/chat");
  await expect(page.getByText("Your credit is used up.")).toBeVisible();
});
