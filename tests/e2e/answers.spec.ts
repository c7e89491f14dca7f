import { longText } from "#sandbox/openai/prepared-answers.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import {
  chooseModel,
  expectReceipt,
  expectStreaming,
  lastAnswer,
  send,
  shownWords,
  wordsOf,
} from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

test("a failed answer shows its error and its charge, keeps the received text, and can be retried", async ({
  page,
}) => {
  test.setTimeout(180_000);
  await signUp(page);

  await test.step("an upstream error costs nothing", async () => {
    await chooseModel(page, "Sandbox: 500");
    await send(page, "say exactly: first question");
    await expectFailure(page, /You haven’t been charged/);
    await expectAccessible(page);
  });

  await test.step("an empty answer costs nothing", async () => {
    await chooseModel(page, "Sandbox: empty");
    await send(page, "say exactly: second question");
    await expectFailure(page, /You haven’t been charged/);
  });

  await test.step("an interrupted answer keeps the received text and shows its charge", async () => {
    await chooseModel(page, "Sandbox: cut");
    await send(page, "long 200 tokens");
    await expectFailure(page, /The text so far is saved\. You were charged \$0\.0\d+/);
    await expect(lastAnswer(page)).toContainText("The sandbox writes");
    await expectAccessible(page);
  });

  await test.step("an answer without upstream usage is counted locally and marked as approximate", async () => {
    await chooseModel(page, "Sandbox: no-usage");
    await send(page, "say exactly: counted by us");
    await expectReceipt(page);
    await expect(lastAnswer(page).locator("summary")).toContainText("about $");
  });

  await test.step("retrying sends the same message again and adds a second version", async () => {
    await chooseModel(page, "Sandbox: 500");
    await send(page, "say exactly: asked twice");
    await expectFailure(page, /You haven’t been charged/);
    await chooseModel(page, "GPT-5.4 mini");
    await lastAnswer(page).getByRole("button", { name: "Try again" }).click();
    await expect(lastAnswer(page)).toContainText("asked twice");
    await expectReceipt(page);
    await expect(lastAnswer(page).getByText("2 / 2")).toBeVisible();
  });
});

test("an answer started in one tab streams in another tab and can be stopped there", async ({
  page,
  context,
}) => {
  test.setTimeout(150_000);
  await signUp(page);
  await send(page, "long 900 tokens");
  await expectStreaming(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expectReceipt(other);
  await expectReceipt(page);
  await expect.poll(() => shownWords(lastAnswer(other))).toBe(wordsOf(longText(900)));
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(wordsOf(longText(900)));

  await send(page, "long 9000 tokens");
  await expectStreaming(page);
  await other.reload();
  await expectStreaming(other);
  await other.getByRole("button", { name: "Stop" }).click();
  await expect(lastAnswer(other)).toContainText("You stopped this answer.");
  await expect(lastAnswer(page)).toContainText("You stopped this answer.");
  const stopped = await shownWords(lastAnswer(other));
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(stopped);
});

async function expectFailure(page: Parameters<typeof send>[0], cost: RegExp): Promise<void> {
  const alert = lastAnswer(page).getByRole("alert");
  await expect(alert).toContainText(cost, { timeout: 60_000 });
  await expect(alert.getByRole("button", { name: "Try again" })).toBeVisible();
}
