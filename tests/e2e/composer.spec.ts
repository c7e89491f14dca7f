import {
  expectReceipt,
  expectStreaming,
  isActionResponse,
  lastAnswer,
  messageField,
  send,
} from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

test("a refused message returns to the composer every time and survives a reload", async ({
  page,
  allowError,
}) => {
  allowError(/status of 429/);
  await signUp(page);
  await page.route("**/api/openai/chat", (route) =>
    route.fulfill({
      status: 429,
      headers: { "retry-after": "12" },
      json: { error: { code: "too_many_requests", message: "Too many requests. Wait a moment." } },
    }),
  );
  for (const _ of ["once", "once more"]) {
    await send(page, "keep these words");
    await expect(page.getByText("Try again in 12 seconds.")).toBeVisible();
    await expect(messageField(page)).toHaveValue("keep these words");
  }
  await page.reload();
  await expect(messageField(page)).toHaveValue("keep these words");

  await page.unroute("**/api/openai/chat");
  await page.keyboard.press("Enter");
  await expectReceipt(page);
  await expect(messageField(page)).toHaveValue("");
  await page.getByRole("link", { name: "New chat" }).click();
  await page.waitForURL("**/chat");
  await expect(messageField(page)).toHaveValue("");
});

test("an answer continues after its page is left, and the conversation list shows when it is done", async ({
  page,
}) => {
  await signUp(page);
  await send(page, "long 1200 tokens");
  await expectStreaming(page);
  const address = page.url();
  await page.getByRole("link", { name: "New chat" }).click();
  await page.waitForURL("**/chat");
  const list = page.getByRole("navigation", { name: "Chats" });
  await expect(list.getByText("Answering")).toBeAttached();
  await page.reload();
  await expect(list.getByText("Answering")).toHaveCount(0, { timeout: 60_000 });
  await list.getByRole("link").first().click();
  await expect(page).toHaveURL(address);
  await expectReceipt(page);
});

test("a tab that is already open shows a running answer and can stop it", async ({ page, context }) => {
  await signUp(page);
  await send(page, "say exactly: first");
  await expectReceipt(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expectReceipt(other);
  await send(page, "long 3000 tokens");
  await expectStreaming(other);
  await other.getByRole("button", { name: "Stop" }).click();
  await expectReceipt(other);
  await expectReceipt(page);
});

test("a tab that is still loading when an answer starts shows that answer", async ({ page, context }) => {
  await signUp(page);
  await send(page, "say exactly: first");
  await expectReceipt(page);
  const other = await context.newPage();
  const hasStarted = Promise.withResolvers<void>();
  await other.route("**/_next/static/**/*.js", async (route) => {
    await hasStarted.promise;
    await route.continue();
  });
  await other.goto(page.url(), { waitUntil: "commit" });
  await expect(other.getByText("first", { exact: true })).toBeVisible();
  await send(page, "long 3000 tokens");
  await expectStreaming(page);
  hasStarted.resolve();
  await expectStreaming(other);
  await other.getByRole("button", { name: "Stop" }).click();
  await expectReceipt(page);
});

test("editing a message adds a version, and the selected version survives a reload", async ({ page }) => {
  await signUp(page);
  await send(page, "say exactly: apples");
  await expectReceipt(page);
  await messageField(page).press("ArrowUp");
  await page.getByRole("textbox", { name: "Your message" }).fill("say exactly: pears");
  await page.keyboard.press("Enter");
  await expect(lastAnswer(page)).toContainText("pears");
  await expectReceipt(page);
  const isSaved = page.waitForResponse(isActionResponse);
  await page.getByRole("button", { name: /^Previous version/ }).click();
  await expect(lastAnswer(page)).toContainText("apples");
  await isSaved;
  await page.reload();
  await expect(page.getByText("1 / 2")).toBeVisible();
  await expect(lastAnswer(page)).toContainText("apples");
});

test("the scroll position stays while an answer streams, and one button returns to the end", async ({
  page,
}) => {
  await signUp(page);
  await send(page, "long 3000 tokens");
  await expectStreaming(page);
  const log = page.getByRole("log");
  await expect.poll(() => log.evaluate((element) => element.scrollTop)).toBeGreaterThan(300);
  await log.hover();
  await page.mouse.wheel(0, -250);
  const jump = page.getByRole("button", { name: "Jump to latest" });
  await expect(jump).toBeVisible();
  const top = await log.evaluate((element) => element.scrollTop);
  const height = await log.evaluate((element) => element.scrollHeight);
  await expect.poll(() => log.evaluate((element) => element.scrollHeight)).toBeGreaterThan(height + 50);
  expect(await log.evaluate((element) => element.scrollTop)).toBe(top);
  await jump.click();
  const fromEnd = () =>
    log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await expect.poll(fromEnd).toBeLessThan(4);
  await page.getByRole("button", { name: "Stop" }).click();
  await expectReceipt(page);
  await expect.poll(fromEnd).toBeLessThan(4);
});
