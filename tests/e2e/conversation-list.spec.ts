import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, isActionResponse, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

test("a conversation is renamed, deleted and restored", async ({ page }) => {
  await signUp(page);
  await send(page, "say exactly: to be renamed");
  await expectReceipt(page);
  const list = page.getByRole("navigation", { name: "Chats" });
  const row = list.getByRole("listitem");
  await expect(row).toHaveCount(1);

  await row.getByRole("button", { name: /^Actions for/ }).click();
  await expect(page.getByRole("menuitem", { name: "Delete" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("Chat title").fill("Ships and hours");
  // The list shows the new title before the request that saves it has ended.
  const saved = page.waitForResponse(isActionResponse);
  await page.keyboard.press("Enter");
  await expect(list.getByRole("link", { name: "Ships and hours" })).toBeVisible();
  await saved;
  await page.reload();
  await expect(list.getByRole("link", { name: "Ships and hours" })).toBeVisible();

  const address = page.url();
  await row.getByRole("button", { name: "Actions for Ships and hours" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText("Chat deleted")).toBeVisible();
  await expect(list.getByRole("link")).toHaveCount(0);
  await expect(page).toHaveURL((url) => url.pathname === "/chat");
  await page.getByRole("button", { name: "Undo" }).click();
  await list.getByRole("link", { name: "Ships and hours" }).click();
  await expect(page).toHaveURL(address);
  await expect(page.getByRole("article", { name: /^Answer by/ })).toContainText("to be renamed");
});

test("a deleted conversation stays deleted after a reload and its URL shows an error page", async ({
  page,
  allowError,
}) => {
  allowError(/status of 404/);
  await signUp(page);
  await send(page, "say exactly: soon gone");
  await expectReceipt(page);
  const address = page.url();
  const list = page.getByRole("navigation", { name: "Chats" });
  await list.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await expect(page.getByText("Chat deleted")).toBeVisible();
  await page.reload();
  await expect(list.getByText("Your chats will appear here.")).toBeVisible();
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "Chat not found" })).toBeVisible();
  await expectAccessible(page);
});
