import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { lastAnswer, messageField, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

test("models answer side by side, stop one by one, survive a reload and another device, and one is chosen", async ({
  page,
  browser,
  isMobile,
}) => {
  test.setTimeout(120_000);
  await signUp(page);
  const menu = page.getByRole("button", { name: /^Compare models/ });
  const comparison = page.getByRole("region", { name: "Answers to compare" });
  const columns = comparison.getByRole("article");

  await test.step("the models are selected by keyboard and named before sending", async () => {
    await menu.focus();
    await page.keyboard.press("ArrowDown");
    const items = page.getByRole("menuitemcheckbox");
    await items.filter({ hasText: "GPT-4.1 mini" }).press("Enter");
    await items.filter({ hasText: "GPT-5.4 nano" }).press("Enter");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(page.getByText(/^Side by side: .*GPT-4.1 mini, GPT-5.4 nano/)).toBeVisible();
  });

  await test.step("all answer at the same time, and a stop ends one", async () => {
    await send(page, "long 900 tokens");
    await expect(columns).toHaveCount(3);
    for (const index of [0, 1, 2]) await expect(columns.nth(index).locator("li").nth(1)).toBeAttached();
    await columns.nth(2).getByRole("button", { name: "Stop GPT-5.4 nano" }).press("Enter");
    await expect(columns.nth(2).getByText("You stopped this answer.")).toBeVisible();
  });

  await test.step("a reload in the middle resumes them", async () => {
    await page.reload();
    await expect(columns).toHaveCount(3);
    for (const index of [0, 1])
      await expect(columns.nth(index).locator("summary", { hasText: /\$\d/ })).toBeVisible({
        timeout: 60_000,
      });
    await expect(columns.nth(2).locator("summary", { hasText: /\$\d/ })).toBeVisible();
    await expect(page.getByText("Choose the answer you’d like to continue with.")).toBeVisible();
    await expectAccessible(page);
  });

  const device = await browser.newContext({
    storageState: await page.context().storageState(),
    baseURL: new URL(page.url()).origin,
  });
  const other = await device.newPage();
  await other.goto(page.url());
  const elsewhere = other.getByRole("region", { name: "Answers to compare" });
  await expect(elsewhere.getByRole("article")).toHaveCount(3);

  await test.step("on a phone the answers are swiped, on a desktop they are columns", async () => {
    const scrolls = await comparison.evaluate((element) => element.scrollWidth > element.clientWidth);
    expect(scrolls).toBe(isMobile);
  });

  await test.step("the chosen answer goes on everywhere, and the others are its versions", async () => {
    await columns.nth(1).getByRole("button", { name: "Continue with the answer by GPT-4.1 mini" }).click();
    await expect(comparison).toBeHidden();
    await expect(lastAnswer(page).getByText("2 / 3")).toBeVisible();
    await expect(elsewhere).toBeHidden();
    await expect(lastAnswer(other).getByText("2 / 3")).toBeVisible();
    await expect(page.getByRole("button", { name: "Model: GPT-4.1 mini" })).toBeVisible();
    await messageField(page).fill("say exactly: next");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect(lastAnswer(page).getByText("next", { exact: true })).toBeVisible({ timeout: 60_000 });
  });
  await device.close();
});

test("a stopped answer is continued as one answer with two receipts, also after a reload", async ({
  page,
}) => {
  await signUp(page);
  await send(page, "long 300 tokens");
  await expect(lastAnswer(page).locator("li").nth(1)).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(lastAnswer(page).getByText("You stopped this answer.")).toBeVisible();
  await lastAnswer(page).getByRole("button", { name: "Continue" }).click();
  const receipts = lastAnswer(page).locator("summary", { hasText: /\$\d/ });
  await expect(receipts).toHaveCount(2, { timeout: 60_000 });
  await expect(page.getByRole("article")).toHaveCount(2);
  const shown = (await lastAnswer(page).locator("li").allTextContents()).join("\n");
  await expectAccessible(page);
  await page.reload();
  await expect(receipts).toHaveCount(2);
  await expect(page.getByRole("article")).toHaveCount(2);
  expect((await lastAnswer(page).locator("li").allTextContents()).join("\n")).toBe(shown);
});
