import type { Page } from "@playwright/test";

/** Fills in the card on the hosted Checkout page and submits it. */
export async function payInCheckout(page: Page, number: string): Promise<void> {
  await page.getByLabel("Card number").fill(number);
  await page.getByLabel("Expiry (MM / YY)").fill("12 / 34");
  await page.getByLabel("CVC").fill("123");
  await page.getByLabel("Name on card").fill("Grace Hopper");
  await page.getByRole("button", { name: /^(Subscribe for |Pay |Start trial)/ }).click();
}
