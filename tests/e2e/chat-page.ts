import { expect, type Locator, type Page } from "@playwright/test";

/** What a receipt says in one line: tokens in, tokens out, dollars, seconds. */
const receiptPattern = /^[\d,]+ in · [\d,]+ out · (about )?\$\d+\.\d+ · \d+\.\d s$/;

/** The field where a message is written. */
export function messageField(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message", exact: true });
}

/** Writes a message and sends it. What is typed before the page is alive may be lost, so it is looked at. */
export async function send(page: Page, text: string): Promise<void> {
  const button = page.getByRole("button", { name: "Send", exact: true });
  await expect(async () => {
    await messageField(page).fill(text);
    await expect(button).toBeEnabled({ timeout: 1_000 });
  }).toPass();
  await button.click();
}

/** The newest answer of the conversation. */
export function lastAnswer(page: Page): Locator {
  return page.getByRole("article", { name: /^Answer by/ }).last();
}

/** Waits until the newest answer has ended and shows its receipt. */
export async function expectReceipt(page: Page): Promise<void> {
  await expect(lastAnswer(page).locator("summary", { hasText: receiptPattern })).toBeVisible({
    timeout: 60_000,
  });
}

/** Waits until some of the newest answer is there and the rest is still being written. */
export async function expectStreaming(page: Page): Promise<void> {
  await expect(lastAnswer(page).locator("li").nth(1)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Stop the answer" })).toBeVisible();
}

/** The words of a numbered text, as the page shows them. */
export async function shownWords(answer: Locator): Promise<string> {
  return plain((await answer.locator("li").allTextContents()).join(" "));
}

/** The same words as the sandbox's model writes them; a number at the end that has no words yet is left out. */
export function wordsOf(markdown: string): string {
  return plain(markdown.replace(/^\d+\. /gm, "").replace(/\n+\d+\.?$/, ""));
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Chooses the model that answers next. */
export async function chooseModel(page: Page, label: string): Promise<void> {
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page
    .getByRole("menuitem")
    .filter({ has: page.getByText(label, { exact: true }) })
    .click();
  await expect(page.getByRole("button", { name: `Model: ${label}`, exact: true })).toBeVisible();
}
