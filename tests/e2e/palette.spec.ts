import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { messageField } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

test("the palette opens by keys and button, finds commands and chats, and runs them", async ({
  page,
  isMobile,
}) => {
  const { email } = await createSignedInUser(page);
  const id = await insertConversation(email, ["Which trains go to Lisbon?", "The night train."]);
  await page.goto(`/chat/${id}`);
  await expect(page.locator('[data-rendered="live"]')).toBeVisible();
  const palette = page.getByRole("dialog", { name: "Commands" });
  const field = palette.getByRole("combobox", { name: "Command or chat" });
  const chosen = palette.getByRole("option", { selected: true });
  if (isMobile) {
    await page.getByRole("button", { name: "Open menu" }).click();
    await page.getByRole("dialog", { name: "Menu" }).getByRole("button", { name: "Commands" }).click();
  } else await page.keyboard.press("Control+k");
  await expect(field).toBeFocused();
  await expect(chosen).toHaveText("Rename chat");
  await expectAccessible(page);
  await field.press("ArrowUp");
  await expect(chosen).toHaveText("Long");
  await field.press("ArrowDown");
  await field.fill("pin");
  await expect(chosen).toHaveText("Pin chat");
  await field.press("Enter");
  await expect(palette).toHaveCount(0);
  const open = async (query: string) => {
    await page.keyboard.press("Control+k");
    await field.fill(query);
  };
  await open("unpin");
  await expect(chosen).toHaveText("Unpin chat");
  await field.press("Escape");
  await expect(palette).toHaveCount(0);

  await open("dark");
  await field.press("Enter");
  await expect(page.locator("html")).toHaveClass(/\bdark\b/);
  await open("go to usage");
  await field.press("Enter");
  await page.waitForURL("**/usage");
  await open("lisbon");
  await expect(chosen).toHaveText("LongWhich trains go to Lisbon?");
  await field.press("Enter");
  await page.waitForURL(`**/chat/${id}`);
  await open("rename");
  await field.press("Enter");
  const title = page.getByRole("main").getByLabel("Chat title");
  await title.fill("Night trains");
  await title.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Night trains");
  await open("xyzzy");
  await expect(palette.getByRole("status")).toHaveText("Nothing found");
  await expectAccessible(page);
  await field.fill("deutsch");
  await field.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
});

test("the sheet of shortcuts opens by ? outside of fields, and from the menu of the user", async ({
  page,
  isMobile,
}) => {
  await createSignedInUser(page);
  await page.goto("/chat");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(async () => {
    await messageField(page).fill("");
    await messageField(page).press("?");
    await expect(messageField(page)).toHaveValue("?", { timeout: 1_000 });
  }).toPass();
  await expect(sheet).toHaveCount(0);
  await messageField(page).blur();
  await page.keyboard.press("?");
  await expect(sheet).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  if (isMobile) await page.getByRole("button", { name: "Open menu" }).click();
  await page.getByRole("button", { name: /@users\.example/ }).click();
  await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).click();
  await expect(sheet).toBeVisible();
});
