import { expect, type Locator, type Page, type Response } from "@playwright/test";

/** The one-line receipt of an answer: model, input tokens, output tokens, US dollars, seconds. */
const receiptPattern = /^.+ · [\d,]+ in · [\d,]+ out · (about )?\$\d+\.\d+ · \d+\.\d s$/;

/** Returns the text field of the composer. */
export function messageField(page: Page): Locator {
  return page.getByRole("textbox", { name: "Message", exact: true });
}

/**
 * Sends a message. Text typed before hydration may be lost, so it fills the field until the button is
 * enabled.
 */
export async function send(page: Page, text: string): Promise<void> {
  const button = page.getByRole("button", { name: "Send", exact: true });
  await expect(async () => {
    await messageField(page).fill(text);
    await expect(button).toBeEnabled({ timeout: 1_000 });
  }).toPass();
  await button.click();
}

/** Returns the last answer of the conversation. */
export function lastAnswer(page: Page): Locator {
  return page.getByRole("article", { name: /^Answer by/ }).last();
}

/** Waits until the last answer has ended and shows its receipt. */
export async function expectReceipt(page: Page): Promise<void> {
  await expect(lastAnswer(page).locator("summary", { hasText: receiptPattern })).toBeVisible({
    timeout: 60_000,
  });
}

/** Waits until a part of the last answer is visible and it is still streaming. */
export async function expectStreaming(page: Page): Promise<void> {
  await expect(lastAnswer(page).locator("li").nth(1)).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
}

/** Returns the words of a numbered list as the page shows them. */
export async function shownWords(answer: Locator): Promise<string> {
  return collapseSpaces((await answer.locator("li").allTextContents()).join(" "));
}

/**
 * Returns the words of the sandbox model's Markdown, without a trailing list number that has no words yet.
 */
export function wordsOf(markdown: string): string {
  return collapseSpaces(markdown.replace(/^\d+\. /gm, "").replace(/\n+\d+\.?$/, ""));
}

function collapseSpaces(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Selects the model of the next answer. */
export async function chooseModel(page: Page, label: string): Promise<void> {
  await page.getByRole("button", { name: /^Model:/ }).click();
  await page
    .getByRole("gridcell")
    .filter({ has: page.getByText(label, { exact: true }) })
    .click();
  await expect(page.getByRole("button", { name: `Model: ${label}`, exact: true })).toBeVisible();
}

/** Whether a response is a server action's; marking a chat as read is a request of its own. */
export function isActionResponse(response: Response): boolean {
  return response.request().headers()["next-action"] !== undefined;
}
