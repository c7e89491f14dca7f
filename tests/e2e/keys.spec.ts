import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

test("an API key is created, shown once, copied, used and revoked", async ({ page, context, baseURL }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await createSignedInUser(page);
  await page.goto("/keys");
  await expect(page.getByText("No API keys yet")).toBeVisible();

  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog");
  await expectAccessible(page);
  await dialog.getByLabel("Name").fill("Nightly report");
  await dialog.getByRole("button", { name: "Create key" }).click();
  const secret = (await dialog.getByTestId("new-secret").textContent()) ?? "";
  expect(secret).toMatch(/^parley_sk_/);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Copy key" }).click();
  await expect(dialog.getByText("Copied", { exact: true })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("region", { name: "API keys" })).toContainText("Nightly report");
  await expect(page.getByText(secret)).toHaveCount(0);

  const cache = page.getByRole("checkbox", { name: "Response cache for Nightly report" });
  await expect(cache).not.toBeChecked();
  await cache.check();
  await expect(page.getByText("Nightly report now uses the response cache.")).toBeVisible();

  const listModels = () =>
    fetch(`${baseURL}/api/v1/models`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await listModels()).status).toBe(200);

  await page.getByRole("button", { name: "Revoke Nightly report" }).click();
  const revoke = page.getByRole("button", { name: "Revoke key" });
  await expect(revoke).toBeDisabled();
  await page.getByLabel(/to confirm$/).fill("Nightly report");
  await expectAccessible(page);
  await revoke.click();
  await expect(page.getByText("No API keys yet")).toBeVisible();
  expect((await listModels()).status).toBe(401);
});
