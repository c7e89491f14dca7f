import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, lastAnswer, send } from "#tests/e2e/chat-page.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";

signInAsAda();

test("usage and cost of a chat sum every version, the current branch apart, and save a CSV", async ({
  page,
}) => {
  await page.goto("/chat");
  await send(page, "say exactly: first version");
  await expectReceipt(page);
  await lastAnswer(page).getByRole("button", { name: "Regenerate" }).click();
  await page.getByRole("menuitem", { name: "Try again" }).click();
  await expect(lastAnswer(page).getByText("2 / 2")).toBeVisible();
  await expectReceipt(page);
  const line = (await lastAnswer(page).locator("summary").last().textContent()) ?? "";
  const cost = Number(/\$([\d.]+)/.exec(line)?.[1]);

  await page.getByRole("button", { name: "Chat actions" }).click();
  await page.getByRole("menuitem", { name: "Usage and cost" }).click();
  const dialog = page.getByRole("dialog", { name: "Usage and cost" });
  const whole = dialog.getByRole("tab", { name: /Whole chat/ });
  const branch = dialog.getByRole("tab", { name: /Current branch/ });
  await expect(whole).toBeVisible();
  const amountOf = async (tab: typeof whole) =>
    Number(/\$([\d.]+)/.exec((await tab.textContent()) ?? "")?.[1]);
  expect(await amountOf(whole)).toBeCloseTo(2 * cost, 9);
  expect(await amountOf(branch)).toBeCloseTo(cost, 9);
  await expectAccessible(page);
  const answers = dialog.locator("dl > div").filter({ hasText: "Answers" }).locator("dd");
  await expect(answers.first()).toHaveText("2");
  await branch.click();
  await expect(answers.first()).toHaveText("1");
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download CSV" }).click();
  expect((await download).suggestedFilename()).toBe("usage.csv");
});
