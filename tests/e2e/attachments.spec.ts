import type { Page } from "@playwright/test";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { expectReceipt, messageField } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";
import { makePdf, makePng } from "#tests/fixtures/sample-files.ts";

/** Pastes a file into the message field, as the browser does from its clipboard. */
async function paste(page: Page, name: string, type: string, bytes: Buffer): Promise<void> {
  await messageField(page).evaluate(
    (field, file) => {
      const data = new DataTransfer();
      const content = Uint8Array.from(atob(file.base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([content], file.name, { type: file.type }));
      field.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    },
    { name, type, base64: bytes.toString("base64") },
  );
}

test("files are pasted and chosen, survive a reload, are sent, shown and downloaded", async ({
  page,
  allowError,
}) => {
  allowError(/status of 400/);
  await signUp(page);
  const files = page.getByRole("list", { name: "Files" });
  await expect(async () => {
    await messageField(page).fill("What do these show?");
    await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled({ timeout: 1_000 });
  }).toPass();
  await paste(page, "photo.png", "image/png", makePng(4_096, 1_024));
  await expect(files.getByRole("img", { includeHidden: true })).toHaveCount(1, { timeout: 30_000 });
  await page.locator("input[type=file]").setInputFiles([
    { name: "report.pdf", mimeType: "application/pdf", buffer: makePdf(["The answer is 42."]) },
    { name: "locked.pdf", mimeType: "application/pdf", buffer: makePdf(["Secret"], { encrypted: true }) },
  ]);
  await expect(files.getByText("This file is protected with a password.")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Send", exact: true })).toBeDisabled();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove locked.pdf" }).click();
  await expect(files.getByRole("listitem")).toHaveCount(2);
  await expect(files.getByText("Uploading…")).toHaveCount(0, { timeout: 30_000 });

  await page.reload();
  await expect(files.getByRole("listitem")).toHaveCount(2);
  await expect(messageField(page)).toHaveValue("What do these show?");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expectReceipt(page);
  await expect(page.getByRole("button", { name: "Remove report.pdf" })).toHaveCount(0);

  await page.reload();
  await page.getByRole("button", { name: "Open photo.png" }).click();
  const dialog = page.getByRole("dialog", { name: "photo.png" });
  // The browser has made it smaller before the upload.
  const width = () => dialog.getByRole("img").evaluate((image: HTMLImageElement) => image.naturalWidth);
  await expect.poll(width).toBe(2_048);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: /report\.pdf/ }).click();
  expect((await download).suggestedFilename()).toBe("report.pdf");
});
