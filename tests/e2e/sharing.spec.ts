import { readFile } from "node:fs/promises";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const answer = [
  "## Part",
  "",
  "A **bold** word, $$x^2$$ and an image: ![secret](https://images.example/leak.png?text=secret)",
  "",
  "```ts",
  "const a = 1;",
  "```",
  "",
  "| a | b |",
  "|---|---|",
  "| 1 | 2 |",
].join("\n");

test("a chat is shared with a link that strangers can read, exported, printed, and no longer shared", async ({
  page,
  browser,
}, info) => {
  const user = await createSignedInUser(page);
  const id = await insertConversation(user.email, ["What is **this**?", answer]);
  await page.goto("/chat");
  const openMenu = async (item: string) => {
    await page.getByRole("button", { name: "Actions for Long" }).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  await openMenu("Share");
  const dialog = page.getByRole("dialog", { name: "Share this chat" });
  await dialog.getByRole("button", { name: "Create link" }).click();
  const url = await dialog.getByLabel("Link", { exact: true }).inputValue();
  await expectAccessible(page);
  await page.screenshot({ path: info.outputPath("dialog.png") });

  const stranger = await browser.newContext({ locale: "de-DE", colorScheme: "dark" });
  const shared = await stranger.newPage();
  const requests: string[] = [];
  shared.on("request", (request) => requests.push(request.url()));
  const response = await shared.goto(url);
  expect(response?.status()).toBe(200);
  expect(response?.headers()["x-robots-tag"]).toContain("noindex");
  await expect(shared.locator('meta[name="robots"]')).toHaveAttribute("content", /noindex/);
  await expect(shared.locator('meta[property="og:image"]')).toHaveAttribute("content", /social-preview\.png/);
  await expect(shared.getByRole("heading", { level: 1, name: "Long" })).toBeVisible();
  await expect(shared.getByText("What is **this**?")).toBeVisible();
  await expect(shared.locator('[data-streamdown="strong"]', { hasText: "bold" })).toBeVisible();
  await expect(shared.locator(".katex")).toBeVisible();
  await expect(shared.locator("article img")).toHaveCount(0);
  expect(requests.filter((address) => address.includes("images.example"))).toEqual([]);
  // Strangers get the page without the scripts of React and Next.js.
  expect(requests.filter((address) => new URL(address).pathname.endsWith(".js"))).toEqual([]);
  expect(await shared.content()).not.toContain(user.email);
  await expectAccessible(shared);
  await shared.screenshot({ path: info.outputPath("shared-dark.png"), fullPage: true });
  await shared.setViewportSize({ width: 390, height: 844 });
  await shared.screenshot({ path: info.outputPath("shared-phone.png"), fullPage: true });

  await dialog.getByRole("button", { name: "Close" }).click();
  await openMenu("Export");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("dialog").getByRole("link", { name: "Markdown" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/-Long-\w{8}\.md$/);
  expect(await readFile(await file.path(), "utf8")).toContain("What is **this**?");

  await page.addInitScript(() => {
    window.print = () => document.documentElement.setAttribute("data-printed", "true");
  });
  await page.goto(`/print/${id}`);
  await expect(page.locator("html[data-printed]")).toBeAttached();
  await expect(page.getByRole("button", { name: "Print or save as PDF" })).toBeVisible();
  await expectAccessible(page);
  const pdf = await page.pdf({ path: info.outputPath("chat.pdf") });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("button", { name: "Print or save as PDF" })).toBeHidden();
  await expect(page.getByRole("contentinfo")).toBeHidden();
  await page.screenshot({ path: info.outputPath("print.png"), fullPage: true });
  await page.emulateMedia({ media: "screen" });

  await page.goto("/settings");
  const links = page.getByRole("region", { name: "Shared links" });
  await links.getByRole("button", { name: "Stop sharing Long" }).click();
  await expect(links.getByText("You haven’t shared a chat.")).toBeVisible();
  const gone = await shared.goto(url);
  expect(gone?.status()).toBe(404);
  await expect(shared.getByRole("heading", { name: "Dieser Link ist nicht verfügbar" })).toBeVisible();
  await stranger.close();
});
