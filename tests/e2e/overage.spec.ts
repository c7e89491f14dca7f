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
  const overage = page.getByRole("region", { name: "Use beyond credit" });
  await expect(overage).toContainText("With a paid plan you can let them go on");
  await expect(overage.getByRole("button")).toHaveCount(0);
  await subscribeToPro(user.email);
  await page.reload();

  await overage.getByLabel("Limit a period, in US dollars").fill("25");
  await overage.getByRole("button", { name: "Turn on" }).click();
  await expect(overage).toContainText("$0.00 of $25.00 used");
  await expectAccessible(page);
  await page.reload();
  await expect(overage).toContainText("$0.00 of $25.00 used");

  const credit = page.getByRole("region", { name: "Credit this month" });
  await expect(credit).toContainText("$15.00 of credit is left");
  await spendCredit(user.email, 25_000_000);
  await page.reload();
  await expect(credit).toContainText("$0.00 of credit is left");
  await page.goto("/chat");
  await expect(page.getByText("Your credit is used up.")).toHaveCount(0);
  await send(page, "Say hello");
  await expectReceipt(page);
  await expect(messageField(page)).toBeEnabled();
  await page.goto("/billing");
  await expect(overage).toContainText(/\$0\.00\d+ of \$25\.00 used/);
  await overage.screenshot({ path: info.outputPath("overage.png") });
  await page.goto("/usage");
  await expect(page.getByText(/used beyond credit, billed on/)).toBeVisible();
  await expectAccessible(page);

  await page.goto("/billing");
  await overage.getByLabel("Limit a period, in US dollars").fill("30");
  await overage.getByRole("button", { name: "Save limit" }).click();
  await expect(overage).toContainText("of $30.00 used");
  await overage.getByRole("button", { name: "Turn off" }).click();
  await expect(overage.getByRole("button", { name: "Turn on" })).toBeVisible();
  await expect(overage).toContainText(/so is what was used already: \$0\.00\d+/);
  await page.goto("/chat");
  await expect(page.getByText("Your credit is used up.")).toBeVisible();
});
