import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { formatsFor } from "#lib/core/formats.ts";
import { longText } from "#sandbox/openai/prepared-answers.ts";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import {
  expectReceipt,
  expectStreaming,
  lastAnswer,
  messageField,
  send,
  shownWords,
  wordsOf,
} from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { payInCheckout } from "#tests/e2e/pay-in-checkout.ts";
import { spendCredit } from "#tests/e2e/spend-credit.ts";
import { newUser } from "#tests/e2e/users.ts";

const user = newUser();
test.setTimeout(360_000);

test("a visitor signs up, chats, runs out of credit, pays, continues, cancels and resumes", async ({
  page,
  allowError,
}) => {
  await test.step("sign up", async () => {
    await page.goto("/sign-up");
    await expectAccessible(page);
    await page.getByLabel("Email").fill(user.email);
    await page.getByLabel("Password", { exact: true }).fill(user.password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/chat");
    await expectAccessible(page);
  });

  await test.step("the first message is answered and shows its receipt", async () => {
    await send(page, "say exactly: Good morning, Grace.");
    await expect(lastAnswer(page)).toContainText("Good morning, Grace.");
    await expectReceipt(page);
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}$/);
    await expectAccessible(page);
  });

  await interruptAnswers(page);

  await test.step("a message without credit is refused before it costs anything, is kept, and opens the plans", async () => {
    allowError(/status of 402/);
    // What the cut answer has left would pay for one more short answer.
    await spendCredit(user.email, 20);
    await send(page, "say exactly: one more");
    await expect(page.getByText("Your message is saved, and you haven’t been charged.")).toBeVisible();
    const dialog = page.getByRole("dialog", { name: "Get more credit" });
    await expect(dialog.getByRole("radio", { name: /^Pro monthly/ })).toBeChecked();
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    // The open dialog hides the rest of the page.
    await expect(messageField(page)).toHaveValue("say exactly: one more");
    await expectAccessible(page);
    await page.getByText("Your message is saved").locator("..").getByRole("button").click();
  });

  await test.step("a declined card shows an error, and a valid card pays", async () => {
    await page.getByRole("button", { name: "Skip the trial and pay now" }).click();
    await page.waitForURL(/\/c\/pay\//);
    await expectAccessible(page);
    await payInCheckout(page, "4000 0000 0000 0002");
    await expect(page.getByRole("alert")).toContainText("declined");
    await payInCheckout(page, "4242 4242 4242 4242");
    await page.waitForURL("**/billing?notice=welcome");
    await expect(page.getByText("Pro is active")).toBeVisible();
    await expect(page.getByRole("region", { name: /^Pro\b/ })).toContainText("Active");
    await expect(page.getByRole("region", { name: "Invoice list" })).toContainText("Paid");
    await expectAccessible(page);
  });

  await test.step("the chat answers again", async () => {
    await page.goto("/chat");
    await send(page, "say exactly: paid and answered");
    await expect(lastAnswer(page)).toContainText("paid and answered");
    await expectReceipt(page);
  });

  await test.step("the usage page shows balance, chart, table and requests, and exports CSV", async () => {
    await page.goto("/usage");
    await expect(page.getByRole("region", { name: "Available credit" })).toContainText(
      /\$(14\.9\d|15\.00) of \$15\.00 left/,
    );
    await page.getByText("Show as table").click();
    const today = new Date().toISOString().slice(0, 10);
    await expect(page.getByRole("region", { name: "Spending by day" }).getByRole("row").nth(1)).toContainText(
      formatsFor("en").date(today),
    );
    const requests = page.getByRole("table").last();
    await expect(requests.getByText("Stopped")).toBeVisible();
    const chart = page.getByRole("slider", { name: "Spent by day" });
    await chart.hover();
    await expect(page.getByRole("tooltip")).toContainText(/Spent \$/);
    await chart.press("End");
    await expect(chart).toHaveAttribute("aria-valuetext", /: \$\d/);
    await expectAccessible(page);
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: "CSV" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^usage-.*\.csv$/);
    expect(readFileSync(await download.path(), "utf8")).toContain(today);
  });

  await test.step("canceling takes effect at the period's end and can be undone", async () => {
    await page.goto("/billing");
    await page.getByRole("button", { name: "Cancel plan" }).click();
    await expect(page.getByRole("alertdialog")).toContainText("You keep everything until");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Cancel Pro" }).click();
    const plan = page.getByRole("region", { name: /^Pro\b/ });
    await expect(plan).toContainText("Ends soon");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Keep Pro" }).click();
    await expect(plan).toContainText("Active");
    await expect(page.getByRole("button", { name: "Cancel plan" })).toBeVisible();
  });
});

/** Reloads the page during an answer, stops an answer, and lets the credit run out during one. */
async function interruptAnswers(page: Page): Promise<void> {
  await test.step("an answer continues after a reload and is complete", async () => {
    await send(page, "long 1000 tokens");
    await expectStreaming(page);
    await page.reload();
    await expectStreaming(page);
    await expectReceipt(page);
    await expect(lastAnswer(page).locator("summary")).toContainText("1,000 out");
    await expect.poll(() => shownWords(lastAnswer(page))).toBe(wordsOf(longText(1_000)));
  });

  await test.step("stopping an answer keeps its text and says so, also after a reload", async () => {
    await send(page, "long 3000 tokens");
    await expectStreaming(page);
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(lastAnswer(page)).toContainText("You stopped this answer.");
    await expectReceipt(page);
    const text = await shownWords(lastAnswer(page));
    expect(text).not.toBe("");
    await expectAccessible(page);
    await page.reload();
    await expect(lastAnswer(page)).toContainText("You stopped this answer.");
    await expect.poll(() => shownWords(lastAnswer(page))).toBe(text);
  });

  await test.step("an answer ends when the credit runs out and keeps its text", async () => {
    await spendCredit(user.email, 8_000);
    await send(page, "long 9000 tokens");
    await expect(lastAnswer(page).getByRole("alert")).toContainText(
      "Your credit ran out during this answer.",
      { timeout: 90_000 },
    );
    await expect.poll(() => shownWords(lastAnswer(page))).not.toBe("");
    await expect(lastAnswer(page).getByRole("button", { name: "Get more credit" })).toBeVisible();
    await expectAccessible(page);
  });
}
