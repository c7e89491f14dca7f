import type { Page } from "@playwright/test";
import { connect } from "#db/client.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, isActionResponse, messageField, send } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { signUp } from "#tests/e2e/users.ts";

const picker = (page: Page) => page.getByRole("button", { name: /^Model:/ });
const settings = (page: Page) => page.getByRole("button", { name: /^Answer settings/ });
const search = (page: Page) => page.getByRole("combobox", { name: "Search models" });

test("models are found, starred and chosen with the keyboard, on every device, and a locked one offers its plan", async ({
  page,
  isMobile,
}) => {
  await signUp(page);
  await messageField(page).fill("a draft that stays");
  await picker(page).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Choose a model" });
  await expect(dialog).toBeVisible();
  // On phones the field would open the keyboard over the list.
  if (isMobile) await search(page).focus();
  await expect(search(page)).toBeFocused();
  const selected = dialog.getByRole("gridcell", { selected: true });
  await expect(selected).toContainText("GPT-5.4 mini");
  await expect(search(page)).toHaveAttribute(
    "aria-activedescendant",
    (await selected.getAttribute("id")) ?? "",
  );
  await expect(selected).toContainText(/about 0\.\d cents per answer.*Reasoning.*400K context/);
  await expectAccessible(page);

  await page.keyboard.type("gpt5.4nano");
  await expect(dialog.getByRole("row")).toHaveCount(1);
  const isStored = page.waitForResponse(isActionResponse);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("button", { name: "Remove GPT-5.4 nano from favorites" })).toBeFocused();
  await isStored;
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(picker(page)).toBeFocused();

  const other = await page.context().newPage();
  await other.goto("/chat");
  await picker(other).click();
  const favorites = other.getByRole("rowgroup", { name: "Favorites" });
  await expect(favorites.getByRole("row")).toHaveCount(1);
  await expect(favorites).toContainText("GPT-5.4 nano");
  await other.close();

  await picker(page).press("Enter");
  await search(page).fill("nano");
  await page.keyboard.press("Enter");
  await expect(picker(page)).toHaveAccessibleName("Model: GPT-5.4 nano");

  await picker(page).click();
  await dialog.getByRole("gridcell").filter({ hasText: "GPT-5.5" }).click();
  const upgrade = page.getByRole("dialog", { name: "GPT-5.5 is available on Enterprise" });
  await expect(upgrade.getByRole("radio")).toHaveCount(2);
  await expect(upgrade.getByRole("radio", { name: /^Enterprise monthly/ })).toBeChecked();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(messageField(page)).toBeFocused();
  await expect(messageField(page)).toHaveValue("a draft that stays");
  await expect(picker(page)).toHaveAccessibleName("Model: GPT-5.4 nano");
  await picker(page).click();
  await dialog.getByRole("gridcell").filter({ hasText: "GPT-5.5" }).click();
  await upgrade.getByRole("button", { name: "Continue to payment" }).click();
  await page.waitForURL(/\/c\/pay\//);
  await page.goto("/chat");
  await expect(messageField(page)).toHaveValue("a draft that stays");
});

test("answer settings are stored for the chat and for new chats, and a reset removes them", async ({
  page,
}) => {
  await signUp(page);
  await send(page, "say exactly: settings");
  await expectReceipt(page);
  await picker(page).click();
  await page.getByRole("gridcell").filter({ hasText: "GPT-4.1 mini" }).click();
  await settings(page).press("Enter");
  const drawer = page.getByRole("dialog", { name: "Answer settings" });
  await expect(drawer).toContainText("GPT-4.1 mini doesn’t support this setting.");
  await expect(drawer.getByRole("combobox", { name: "Reasoning effort" })).toBeDisabled();
  await drawer.getByRole("slider", { name: "Temperature" }).press("ArrowLeft");
  await expect(drawer.getByRole("status").first()).toHaveText("0.9");
  await expectAccessible(page);
  const isStored = page.waitForResponse(isActionResponse);
  await drawer.getByRole("combobox", { name: "Longest answer" }).selectOption("500");
  await isStored;
  await page.keyboard.press("Escape");
  await expect(settings(page)).toBeFocused();
  await expect(settings(page)).toHaveAccessibleName("Answer settings (changed)");

  await page.reload();
  await expect(settings(page)).toHaveAccessibleName("Answer settings (changed)");
  await send(page, "long 3000 tokens");
  await expect(page.getByText("This answer reached the model’s length limit.")).toBeVisible({
    timeout: 60_000,
  });
  await settings(page).click();
  await drawer.getByRole("button", { name: "Use for new chats" }).click();
  await expect(page.getByText("New chats will use these settings.")).toBeVisible();
  await page.goto("/chat");
  await expect(settings(page)).toHaveAccessibleName("Answer settings (changed)");
  await settings(page).click();
  const isReset = page.waitForResponse(isActionResponse);
  await drawer.getByRole("button", { name: "Reset" }).click();
  await isReset;
  await page.reload();
  await expect(settings(page)).toHaveAccessibleName("Answer settings");
});

test("the estimate counts the chat and the draft, warns near the end, and a mark shows what was not sent", async ({
  page,
}) => {
  const { email } = await signUp(page);
  const id = await insertConversation(email, [
    "first question",
    "first answer",
    "second question",
    "second answer",
  ]);
  await page.goto(`/chat/${id}`);
  await expect(page.getByText(/^1% of 400K$/)).toBeVisible();
  await expect(page.getByText(/^About /)).toHaveCount(0);
  await messageField(page).fill("word ".repeat(250));
  // Four messages of 20 tokens with 4 each, 3 for the prompt, and about 250 words.
  await expect(page.getByText(/^About 3\d\d tokens · about \$0\.00\d+$/)).toBeVisible();
  await setTokens(id, "first answer", 350_000);
  await page.reload();
  await expect(page.getByText("Context almost full:")).toBeVisible();
  await expectAccessible(page);
  await setTokens(id, "first answer", 500_000);
  await page.reload();
  await expect(page.getByText("Earlier messages won’t be sent")).toBeVisible();
  await send(page, "say exactly: after the cut");
  await expectReceipt(page);
  const mark = page.getByText("Earlier messages were not sent to GPT-5.4 mini.");
  for (const visit of ["live", "reloaded"]) {
    if (visit === "reloaded") await page.reload();
    await expect(mark).toBeVisible();
    const item = page.getByRole("listitem").filter({ has: mark });
    await expect(item).toContainText("second question");
  }
});

/** Sets the stored size of a message. */
async function setTokens(conversationId: string, text: string, tokens: number): Promise<void> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  await sql`update messages set tokens = ${tokens} where conversation_id = ${conversationId} and content = ${text}`;
  await sql.end();
}
