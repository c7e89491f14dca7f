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

test("the preview of all letters is there in development alone", async ({ request }) => {
  const answer = await request.get("/dev/letters");
  expect(answer.status()).toBe(404);
  expect(await answer.text()).not.toContain("verifyEmailLetter");
});
