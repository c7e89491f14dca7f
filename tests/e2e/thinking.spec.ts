import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { chooseModel, expectReceipt, lastAnswer, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

test("C3, C5: thinking is folded with its duration, and an answer at its limit can be continued", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await signUp(page);

  await test.step("thinking is folded above the answer, and stays so after a reload", async () => {
    await chooseModel(page, "Sandbox: thinking");
    await send(page, "say exactly: here it is");
    await expect(lastAnswer(page)).toContainText("here it is", { timeout: 60_000 });
    await expectReceipt(page);
    for (const reloaded of [false, true]) {
      if (reloaded) await page.reload();
      const thinking = lastAnswer(page).getByText(/^Thought for \d+/);
      await expect(thinking).toBeVisible();
      await expect(lastAnswer(page)).not.toContainText("The sandbox thinks");
      await thinking.click();
      await expect(lastAnswer(page)).toContainText("The sandbox thinks before it answers.");
    }
    await expectAccessible(page);
  });

  await test.step("an answer at its length limit says so and can be continued", async () => {
    await chooseModel(page, "Sandbox: length");
    await send(page, "long 100 tokens");
    await expect(lastAnswer(page).getByRole("alert")).toContainText("length limit", { timeout: 60_000 });
    await lastAnswer(page).getByRole("button", { name: "Continue" }).click();
    await expect(lastAnswer(page).locator("summary", { hasText: /\$\d/ })).toHaveCount(2, {
      timeout: 60_000,
    });
    await expect(page.getByRole("article", { name: /^Answer by/ })).toHaveCount(2);
  });

  await test.step("an answer that a filter ended says so", async () => {
    await chooseModel(page, "Sandbox: content-filter");
    await send(page, "long 100 tokens");
    await expect(lastAnswer(page).getByRole("alert")).toContainText("content filter", { timeout: 60_000 });
  });
});
