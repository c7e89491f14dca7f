import type { Page } from "@playwright/test";
import {
  chooseModel,
  expectReceipt,
  expectStreaming,
  lastAnswer,
  messageField,
  send,
} from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { spendCredit } from "#tests/e2e/spend-credit.ts";
import { createSignedInUser, signUp } from "#tests/e2e/users.ts";

test("C6: Escape and Enter of an input method stop no answer, discard no edit, empty no search and open no hit", async ({
  page,
}) => {
  await signUp(page);
  await send(page, "say exactly: apples");
  await expectReceipt(page);
  const address = page.url();

  await messageField(page).press("ArrowUp");
  const edit = page.getByRole("textbox", { name: "Your message" });
  await edit.fill("日本");
  await pressComposing(page, "Escape");
  await expect(edit).toHaveValue("日本");
  await edit.press("Escape");
  await expect(edit).toHaveCount(0);

  await page.goto("/search?q=apples");
  const search = page.getByRole("combobox", { name: "Search chats" });
  const first = page.getByRole("listbox", { name: "Results" }).getByRole("option").first();
  // The index follows within a moment.
  await expect(async () => {
    await page.reload();
    await expect(first).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await pressComposing(page, "Escape");
  await pressComposing(page, "Enter");
  await expect(search).toHaveValue("apples");
  await expect(page).toHaveURL((url) => url.pathname === "/search");
  await search.press("Enter");
  await expect(page).toHaveURL(address);

  await send(page, "long 3000 tokens");
  await expectStreaming(page);
  await pressComposing(page, "Escape");
  await expect(page.getByRole("button", { name: "Stop" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(lastAnswer(page)).toContainText("You stopped this answer.");
});

test("C7: Arabic questions and answers run from right to left", async ({ page }) => {
  const { email } = await createSignedInUser(page);
  const id = await insertConversation(email, [
    "ما هي عاصمة فرنسا؟",
    "عاصمة فرنسا هي باريس.\n\n- نهر السين\n- برج إيفل",
  ]);
  await page.goto(`/chat/${id}`);
  const directionOf = (text: string) =>
    page.getByText(text).evaluate((element) => getComputedStyle(element).direction);
  await expect.poll(() => directionOf("ما هي عاصمة")).toBe("rtl");
  await expect.poll(() => directionOf("عاصمة فرنسا هي باريس")).toBe("rtl");
  await expect.poll(() => directionOf("نهر السين")).toBe("rtl");
  await messageField(page).fill("سؤال");
  expect(await messageField(page).evaluate((element) => getComputedStyle(element).direction)).toBe("rtl");
});

test("C16: a refused edit stays an edit, with its text", async ({ page, allowError }) => {
  allowError(/status of 429/);
  await signUp(page);
  await send(page, "say exactly: apples");
  await expectReceipt(page);
  await page.route("**/api/openai/chat", (route) =>
    route.fulfill({ status: 429, json: { error: { code: "too_many_requests", message: "Wait." } } }),
  );
  await messageField(page).press("ArrowUp");
  const edit = page.getByRole("textbox", { name: "Your message" });
  await edit.fill("say exactly: pears");
  await edit.press("Enter");
  await expect(page.getByRole("alert").filter({ hasText: "Too many requests" })).toBeVisible();
  await expect(edit).toHaveValue("say exactly: pears");
  await expect(messageField(page)).toHaveValue("");
  await page.unroute("**/api/openai/chat");
  await edit.press("Enter");
  await expect(lastAnswer(page)).toContainText("pears");
  await expectReceipt(page);
  await expect(page.getByText("2 / 2")).toBeVisible();
});

test("C17: the indentation of a message is kept", async ({ page }) => {
  await signUp(page);
  await send(page, "\n\n    indented: true\n  second\n\n");
  await expectReceipt(page);
  await page.reload();
  const shown = page.getByRole("article", { name: "You" }).locator("[dir=auto]");
  expect(await shown.evaluate((element) => element.textContent)).toBe("    indented: true\n  second");
});

test("C19: the receipt and the version switch name the model, and regenerating with another one keeps the choice", async ({
  page,
}) => {
  await signUp(page);
  await chooseModel(page, "Sandbox: 500");
  await send(page, "say exactly: which model");
  await lastAnswer(page)
    .getByRole("button", { name: /^Try GPT/ })
    .click();
  await expectReceipt(page);
  await expect(lastAnswer(page).locator("summary").filter({ hasText: " in · " })).toContainText(/^GPT/);
  await expect(
    lastAnswer(page).getByRole("button", { name: "Previous version (Sandbox: 500)" }),
  ).toBeEnabled();
  const picker = page.getByRole("button", { name: "Model: Sandbox: 500", exact: true });
  await expect(picker).toBeVisible();
  await page.reload();
  await expect(lastAnswer(page)).toContainText("which model");
  await expect(picker).toBeVisible();
});

test("C20: credit below the cheapest answer is announced before sending, with a cheaper model, a top-up and plans", async ({
  page,
}) => {
  const { email } = await signUp(page);
  await send(page, "say exactly: the month’s credit is granted");
  await expectReceipt(page);
  await spendCredit(email, 10);
  await page.goto("/chat");
  await expect(page.getByRole("link", { name: /< \$0\.01 left/ }).first()).toBeVisible();
  await chooseModel(page, "GPT-5.4 mini");
  const notice = page.getByRole("status").filter({ hasText: "Your credit" });
  await expect(notice).toContainText("Your credit doesn’t cover an answer from GPT-5.4 mini.");
  await expect(notice.getByRole("button", { name: "Get more credit" })).toBeVisible();
  await expect(notice.getByRole("button", { name: "See plans" })).toBeVisible();
  await notice.getByRole("button", { name: /^Use / }).click();
  await expect(page.getByRole("status").filter({ hasText: "< $0.01 of credit left" })).toBeVisible();
  await spendCredit(email, 0);
  await page.reload();
  await expect(page.getByRole("status").filter({ hasText: "Your credit is used up." })).toBeVisible();
});

test("C22: a link that is followed offline keeps the page and says so", async ({
  page,
  context,
  allowError,
}) => {
  // The page is prefetched when the pointer comes near.
  allowError(/ERR_INTERNET_DISCONNECTED/);
  await signUp(page);
  await messageField(page).fill("not sent yet");
  await context.setOffline(true);
  await page.getByRole("link", { name: "Billing" }).click();
  await expect(page.getByText("You are offline.")).toBeVisible();
  await expect(messageField(page)).toHaveValue("not sent yet");
  await context.setOffline(false);
  await page.getByRole("link", { name: "Billing" }).click();
  await page.waitForURL("**/billing");
});

test("a starter fills the field and sends nothing", async ({ page }) => {
  await signUp(page);
  await page.getByRole("button", { name: /^Write some code/ }).click();
  await expect(messageField(page)).toHaveValue(/^Write code: /);
  await expect(messageField(page)).toBeFocused();
  await page.getByRole("button", { name: /^Explain with math/ }).click();
  await expect(messageField(page)).toHaveValue(/^Explain compound/);
  await expect(page.getByRole("article")).toHaveCount(0);
  await expect(page).toHaveURL((url) => url.pathname === "/chat");
});

test("an answer says that it is still thinking after five seconds without output", async ({ page }) => {
  await signUp(page);
  await page.clock.install();
  await page.route("**/api/openai/chat", () => {});
  await send(page, "hello");
  await expect(lastAnswer(page).getByRole("status")).toHaveText("Waiting for the answer");
  await page.clock.fastForward(5_000);
  await expect(lastAnswer(page).getByRole("status")).toHaveText("Still thinking…");
});

test("the chat is in German after German was chosen", async ({ page, context }) => {
  await createSignedInUser(page);
  await context.addCookies([{ name: "locale", value: "de", url: process.env.E2E_APP_URL ?? "" }]);
  await page.goto("/chat");
  await expect(page.getByRole("textbox", { name: "Nachricht", exact: true })).toBeVisible();
  await page.getByRole("button", { name: /^Code schreiben/ }).click();
  await page.getByRole("button", { name: "Senden" }).click();
  await expect(page.getByRole("article", { name: /^Antwort von/ }).locator("summary")).toContainText(
    / ein · .* aus · /,
    {
      timeout: 60_000,
    },
  );
  await expect(page.getByText(/^0,\d\d\s\$$/).first()).toBeVisible();
});

/** Presses a key as an input method does while a word is being composed. */
async function pressComposing(page: Page, key: string): Promise<void> {
  await page.evaluate((pressed) => {
    const init = { key: pressed, isComposing: true, bubbles: true, cancelable: true };
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", init));
  }, key);
}
