import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, lastAnswer, messageField, send } from "#tests/e2e/chat-page.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";

signInAsAda();

test("a temporary chat remembers its turns, offers nothing that stores it and is gone after a reload", async ({
  page,
}) => {
  await page.goto("/chat");
  const choose = page.getByRole("button", { name: "Temporary chat" });
  await messageField(page).fill("begun as usual");
  await choose.click();
  await expect(choose).toHaveAttribute("aria-pressed", "true");
  await expect(page.getByText("This chat isn’t saved")).toBeVisible();
  await expectAccessible(page);
  const drafts = () =>
    page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("draft:")));
  expect(await drafts()).toEqual([]);

  await send(page, "say exactly: quokka");
  await expectReceipt(page);
  await expect(page.getByRole("heading", { name: "Temporary chat" })).toBeVisible();
  await expect(page).toHaveURL(/\/chat\?temporary=1$/);
  const request = page.waitForRequest("**/api/openai/chat");
  await send(page, "say exactly: wombat");
  expect((await request).postDataJSON().temporary.history).toMatchObject([
    { role: "user", text: "say exactly: quokka" },
    { role: "assistant", text: "quokka" },
  ]);
  await expectReceipt(page);
  await expect(lastAnswer(page)).toContainText("wombat");
  await lastAnswer(page).getByRole("button", { name: "Regenerate" }).click();
  await page.getByRole("menuitem", { name: "Try again" }).click();
  await expect(lastAnswer(page).getByText("2 / 2")).toBeVisible();
  await expectReceipt(page);
  await expect(lastAnswer(page).getByRole("button", { name: "Good answer" })).toHaveCount(0);
  await lastAnswer(page).getByRole("button", { name: "More actions" }).click();
  await expect(page.getByRole("menuitem", { name: "Quote in your message" })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: "Fork into a new chat" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expectAccessible(page);
  expect(await drafts()).toEqual([]);

  const asked = page.waitForEvent("dialog");
  const reloading = page.reload();
  await (await asked).accept();
  await reloading;
  await expect(page.getByText("This chat isn’t saved")).toBeVisible();
  await expect(page.getByText("quokka")).toHaveCount(0);
  await choose.click();
  await expect(page).toHaveURL(/\/chat$/);
});

test("a temporary chat is opened by the palette, and leaving it stops its answer", async ({ page }) => {
  await page.goto("/chat");
  await page.keyboard.press("ControlOrMeta+k");
  await page.getByRole("combobox").fill("incognito");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This chat isn’t saved")).toBeVisible();
  await send(page, "long 4000 tokens");
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  const stopped = page.waitForResponse((response) => response.url().endsWith("/stop"));
  await page.getByRole("link", { name: "New chat" }).first().click();
  expect((await stopped).status()).toBe(204);
  await expect(page.getByRole("button", { name: "Temporary chat" })).toHaveAttribute("aria-pressed", "false");
});
