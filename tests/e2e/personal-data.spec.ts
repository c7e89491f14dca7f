import { readFile } from "node:fs/promises";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation, sampleMessages } from "#tests/e2e/insert-conversation.ts";
import { readEmail } from "#tests/e2e/read-email.ts";
import { createSignedInUser, expireProofs } from "#tests/e2e/users.ts";
import { readZip } from "#tests/integration/personal-data/read-zip.ts";

const slow = { timeout: 30_000 };

test("a user downloads all data from the settings and by the emailed link", async ({ page }, info) => {
  const user = await createSignedInUser(page);
  await insertConversation(user.email, sampleMessages(4));
  await expireProofs(user.email);
  await page.goto("/settings");
  const section = page.getByRole("region", { name: "Your data" });
  await section.getByRole("button", { name: "Request download" }).click();
  const proof = page.getByRole("dialog", { name: "Confirm it’s you" });
  await proof.getByLabel("Password").fill(user.password);
  await proof.getByRole("button", { name: "Confirm" }).click();
  const downloadButton = section.getByRole("button", { name: "Download", exact: true });
  await expect(downloadButton).toBeVisible(slow);
  await section.scrollIntoViewIfNeeded();
  await page.screenshot({ path: info.outputPath("ready.png"), fullPage: true });
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent("download"), downloadButton.click()]);
  expect(download.suggestedFilename()).toMatch(/^export-[\d-]+\.zip$/);
  const files = await readZip(await readFile(await download.path()));
  expect([...files.keys()].filter((path) => path.endsWith(".md"))).toHaveLength(2);

  const { text } = await readEmail(user.email, /ready to download/);
  const link = text.match(/https?:\S+\/settings\/export\S+/)?.[0] ?? "";
  await page.goto(link);
  await expectAccessible(page);
  const [linked] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download" }).click(),
  ]);
  expect(linked.suggestedFilename()).toBe(download.suggestedFilename());
  // Somebody else who has the link gets nothing.
  await createSignedInUser(page);
  await page.goto(link);
  await expect(page.getByText("This link has expired or belongs to another account.")).toBeVisible();
});

test("chats of another product are imported from a file, once", async ({ page }) => {
  await createSignedInUser(page);
  await page.goto("/settings");
  const section = page.getByRole("region", { name: "Import chats" });
  const chat = {
    uuid: "c1",
    name: "Tides",
    created_at: "2025-03-01T10:00:00Z",
    updated_at: "2025-03-01T10:00:00Z",
    chat_messages: [
      { uuid: "m1", sender: "human", text: "Why are there tides?" },
      { uuid: "m2", sender: "assistant", text: "The moon pulls." },
    ],
  };
  const buffer = Buffer.from(JSON.stringify([chat]));
  const choose = () =>
    section
      .getByLabel("Choose a file")
      .setInputFiles({ name: "conversations.json", mimeType: "application/json", buffer });
  await choose();
  await expect(section.getByText("1 chat added.")).toBeVisible(slow);
  await expectAccessible(page);
  await choose();
  await expect(section.getByText("No new chats, 1 already here.")).toBeVisible(slow);
  await page.goto("/chat");
  await page.getByRole("link", { name: "Tides" }).click();
  await expect(page.getByText("The moon pulls.")).toBeVisible();
});

test("a deletion is announced on every page, canceled there, and requested again", async ({ page }, info) => {
  const user = await createSignedInUser(page);
  await page.goto("/settings");
  const banner = page.getByRole("region", { name: "Account deletion" });
  const requestDeletion = async () => {
    await page.getByRole("button", { name: "Delete account" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete your account?" });
    await dialog.getByLabel(/to confirm$/).fill(user.email);
    await dialog.getByRole("button", { name: "Delete account" }).click();
    await expect(banner).toBeVisible(slow);
  };
  await requestDeletion();
  await expect(page.getByText(/You can cancel the deletion at the top of this page/)).toBeVisible();
  await page.screenshot({ path: info.outputPath("banner.png"), fullPage: true });
  await expectAccessible(page);
  await readEmail(user.email, /will be deleted on/);
  await page.goto("/keys");
  await banner.getByRole("button", { name: "Cancel deletion" }).click();
  await expect(banner).toHaveCount(0, slow);
  await readEmail(user.email, /won’t be deleted/);
  await page.goto("/settings");
  await requestDeletion();
});
