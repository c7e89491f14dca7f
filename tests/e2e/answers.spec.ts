import { longText } from "#sandbox/openai/showpieces.ts";
import {
  chooseModel,
  expectReceipt,
  expectStreaming,
  lastAnswer,
  send,
  shownWords,
  wordsOf,
} from "#tests/e2e/chat-page.ts";
import { expect, expectAccessible, signUp, test } from "#tests/e2e/fixtures.ts";

test("an answer that fails says so, what was kept and what it cost, and can be tried again", async ({
  page,
}) => {
  test.setTimeout(180_000);
  await signUp(page);

  await test.step("a model that refuses costs nothing", async () => {
    await chooseModel(page, "Sandbox: 500");
    await send(page, "say exactly: first question");
    await expectFailure(page, /Nothing was charged/);
    await expectAccessible(page);
  });

  await test.step("a model that says nothing costs nothing", async () => {
    await chooseModel(page, "Sandbox: empty");
    await send(page, "say exactly: second question");
    await expectFailure(page, /Nothing was charged/);
  });

  await test.step("what came before the connection broke is kept, and its price is said", async () => {
    await chooseModel(page, "Sandbox: cut");
    await send(page, "long 200 tokens");
    await expectFailure(page, /What was written is kept\. Charged for what was received: (about )?\$0\.0\d+/);
    await expect(lastAnswer(page)).toContainText("The sandbox writes");
    await expectAccessible(page);
  });

  await test.step("what a model did not count, we count, and say that we did", async () => {
    await chooseModel(page, "Sandbox: no-usage");
    await send(page, "say exactly: counted by us");
    await expectReceipt(page);
    await expect(lastAnswer(page).locator("summary")).toContainText("about $");
  });

  await test.step("trying again asks the same once more, beside the first try", async () => {
    await chooseModel(page, "Sandbox: 500");
    await send(page, "say exactly: asked twice");
    await expectFailure(page, /Nothing was charged/);
    await chooseModel(page, "GPT-5.4 mini");
    await lastAnswer(page).getByRole("button", { name: "Try again" }).click();
    await expect(lastAnswer(page)).toContainText("asked twice");
    await expectReceipt(page);
    await expect(lastAnswer(page).getByText("2 / 2")).toBeVisible();
  });
});

test("an answer that was started in one tab is followed in another, and can be stopped there", async ({
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
  await other.getByRole("button", { name: "Stop the answer" }).click();
  await expect(lastAnswer(other)).toContainText("You stopped this answer.");
  await expect(lastAnswer(page)).toContainText("You stopped this answer.");
  const stopped = await shownWords(lastAnswer(other));
  await expect.poll(() => shownWords(lastAnswer(page))).toBe(stopped);
});

async function expectFailure(page: Parameters<typeof send>[0], cost: RegExp): Promise<void> {
  const told = lastAnswer(page).getByRole("alert");
  await expect(told).toContainText(cost, { timeout: 60_000 });
  await expect(told.getByRole("button", { name: "Try again" })).toBeVisible();
}
