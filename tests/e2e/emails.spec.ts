import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { readEmail } from "#tests/e2e/read-email.ts";
import { signUpWithForm } from "#tests/e2e/users.ts";

test("the link in the verification email confirms the address", async ({ page }) => {
  const { email } = await signUpWithForm(page);
  const reminder = page.getByRole("region", { name: "Confirm your email" });
  await expect(reminder).toContainText(email);
  const message = await readEmail(email, /^Confirm your email/);
  const link = /http:\/\/\S+\/verify-email\?token=\S+/.exec(message.text)?.[0];
  await page.goto(link ?? "/the-email-has-no-link");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Confirm email" }).click();
  await expect(page.getByRole("status").filter({ hasText: "is confirmed." })).toContainText(email);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Go to your chats" }).click();
  await page.waitForURL("**/chat");
  await page.reload();
  await expect(reminder).toHaveCount(0);
});

test("on another device the address is confirmed only after signing in, because the link proves no account", async ({
  page,
  browser,
}) => {
  const { email, password } = await signUpWithForm(page);
  const message = await readEmail(email, /^Confirm your email/);
  const link = /http:\/\/\S+\/verify-email\?token=\S+/.exec(message.text)?.[0];
  const other = await (await browser.newContext()).newPage();
  await other.goto(link ?? "/the-email-has-no-link");
  await expect(other.getByRole("heading", { name: "Sign in to confirm your email" })).toBeVisible();
  await expectAccessible(other);
  await other.getByRole("link", { name: "Sign in", exact: true }).last().click();
  await other.getByLabel("Email").fill(email);
  await other.getByLabel("Password", { exact: true }).fill(password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.getByRole("button", { name: "Confirm email" }).click();
  await expect(other.getByRole("status").filter({ hasText: "is confirmed." })).toContainText(email);
  await other.context().close();
});

test("the preview of all emails exists in development only", async ({ request }) => {
  const answer = await request.get("/dev/emails");
  expect(answer.status()).toBe(404);
  expect(await answer.text()).not.toContain("confirmAddressEmail");
});
