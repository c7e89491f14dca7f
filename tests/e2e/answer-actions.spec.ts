import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, lastAnswer, messageField, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

test("an answer can be regenerated shorter, rated, copied, quoted and forked, by keyboard and after a reload", async ({
  page,
  context,
}) => {
  test.setTimeout(120_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signUp(page);
  await send(page, "say exactly: **first** answer");
  await expectReceipt(page);
  const answer = lastAnswer(page);
  const chat = page.url();

  await test.step("regenerating shorter by keyboard keeps the message and marks the answer", async () => {
    await answer.getByRole("button", { name: "Regenerate" }).focus();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByRole("menuitem", { name: "Try again" })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole("menuitem", { name: "Shorter" }).focus();
    await page.keyboard.press("Enter");
    await expect(answer.getByText("2 / 2")).toBeVisible({ timeout: 60_000 });
    await expectReceipt(page);
    await expect(answer.getByText("Shorter", { exact: true })).toBeVisible();
    await expect(page.getByRole("article", { name: "You" })).toHaveText("say exactly: **first** answer");
    await answer.getByRole("button", { name: "Previous version" }).click();
    await expect(answer.getByText("1 / 2")).toBeVisible();
  });

  await test.step("a bad rating asks for a reason", async () => {
    await answer.getByRole("button", { name: "Bad answer" }).click();
    const reasons = answer.getByRole("group", { name: /What was wrong/ });
    await expectAccessible(page);
    await reasons.getByRole("button", { name: "Incomplete" }).click();
    await expect(reasons).toBeHidden();
  });

  await test.step("copying as rich text puts HTML and Markdown on the clipboard", async () => {
    await answer.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Copy as rich text" }).click();
    await expect(page.getByText("Copied")).toBeVisible();
    const copied = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read();
      const read = async (type: string) => (await item?.getType(type))?.text();
      return { html: await read("text/html"), text: await read("text/plain") };
    });
    expect(copied.html).toContain("<strong>first</strong>");
    expect(copied.text).toContain("**first** answer");
  });

  await test.step("what is selected in an answer is quoted after the text in the message field", async () => {
    await messageField(page).fill("What about this?");
    await answer.locator('[data-streamdown="strong"]').selectText();
    await page.getByRole("button", { name: "Quote", exact: true }).click();
    await expect(messageField(page)).toHaveValue("What about this?\n\n> first\n\n");
    await expect(messageField(page)).toBeFocused();
    await messageField(page).fill("");
    await answer.getByRole("button", { name: "More actions" }).press("Enter");
    await page.getByRole("menuitem", { name: "Quote in your message" }).press("Enter");
    await expect(messageField(page)).toHaveValue("> **first** answer\n\n");
    await expect(messageField(page)).toBeFocused();
    await messageField(page).fill("");
  });

  await test.step("a reload shows the version, the rating and the instruction", async () => {
    await page.reload();
    await expect(answer.getByText("1 / 2")).toBeVisible();
    await expect(answer.getByRole("button", { name: "Bad answer" })).toHaveAttribute("aria-pressed", "true");
    await answer.getByRole("button", { name: "Next version" }).click();
    await expect(answer.getByText("Shorter", { exact: true })).toBeVisible();
    await answer.getByRole("button", { name: "Previous version" }).click();
  });

  await test.step("a fork is a chat of its own that can be continued", async () => {
    await answer.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menuitem", { name: "Fork into a new chat" }).click();
    await expect.poll(() => page.url()).not.toBe(chat);
    await expect(page).toHaveTitle(/\(fork\)/);
    await expect(lastAnswer(page)).toContainText("first answer");
    await expect(lastAnswer(page).getByText("1 / 2")).toBeHidden();
    await send(page, "say exactly: onward");
    await expectReceipt(page);
    await expect(page.getByRole("article", { name: /^Answer by/ })).toHaveCount(2);
    await page.goto(chat);
    await expect(page.getByRole("article", { name: /^Answer by/ })).toHaveCount(1);
  });
});
