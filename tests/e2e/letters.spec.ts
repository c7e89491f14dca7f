import { expect, expectAccessible, readLetter, signUp, test } from "#tests/e2e/fixtures.ts";

test("a new address is confirmed by the link in its letter", async ({ page }) => {
  const { email } = await signUp(page);
  const asked = page.getByRole("region", { name: "Confirm your address" });
  await expect(asked).toContainText(email);
  const letter = await readLetter(email, /^Confirm your address/);
  const link = /http:\/\/\S+\/verify-email\?token=\S+/.exec(letter.text)?.[0];
  await page.goto(link ?? "/the-letter-has-no-link");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Confirm address" }).click();
  await expect(page.getByRole("status").filter({ hasText: "is confirmed." })).toContainText(email);
  await expectAccessible(page);
  await page.getByRole("link", { name: "Go on to your chats" }).click();
  await page.waitForURL("**/chat");
  await page.reload();
  await expect(asked).toHaveCount(0);
});

test("on another device an address is confirmed after signing in, because the letter alone does not say whose account it is", async ({
  page,
  browser,
}) => {
  const { email, password } = await signUp(page);
  const letter = await readLetter(email, /^Confirm your address/);
  const link = /http:\/\/\S+\/verify-email\?token=\S+/.exec(letter.text)?.[0];
  const other = await (await browser.newContext()).newPage();
  await other.goto(link ?? "/the-letter-has-no-link");
  await expect(other.getByRole("heading", { name: "Sign in to confirm your address" })).toBeVisible();
  await expectAccessible(other);
  await other.getByRole("link", { name: "Sign in", exact: true }).last().click();
  await other.getByLabel("E-mail").fill(email);
  await other.getByLabel("Password", { exact: true }).fill(password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await other.getByRole("button", { name: "Confirm address" }).click();
  await expect(other.getByRole("status").filter({ hasText: "is confirmed." })).toContainText(email);
  await other.context().close();
});

test("the preview of all letters is there in development alone", async ({ request }) => {
  const answer = await request.get("/dev/letters");
  expect(answer.status()).toBe(404);
  expect(await answer.text()).not.toContain("verifyEmailLetter");
});
