import { messageField } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation, sampleMessages } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const messageCount = 500;

test("a conversation of 500 messages opens at its end and renders distant messages only when scrolled to", async ({
  page,
}) => {
  const { email } = await createSignedInUser(page);
  const conversationId = await insertConversation(email, sampleMessages(messageCount));
  await page.goto(`/chat/${conversationId}`);
  const messages = page.getByRole("log", { name: "Messages" });
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
  await expect(page.getByRole("button", { name: "Jump to latest" })).toBeHidden();
  const isRendered = () =>
    messages
      .getByRole("article")
      .first()
      .evaluate((element) =>
        [...element.children].some((child) => child.checkVisibility({ contentVisibilityAuto: true })),
      );
  const articles = messages.getByRole("article");
  // The end is rendered first; earlier messages load afterwards.
  await expect.poll(() => articles.count(), { timeout: 60_000 }).toBe(messageCount);
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
  expect(await isRendered()).toBe(false);

  const field = messageField(page);
  const heightOf = async () => (await field.boundingBox())?.height ?? 0;
  const before = await heightOf();
  await field.fill("one\ntwo\nthree\nfour\nfive");
  expect(await heightOf()).toBeGreaterThan(before);
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();

  await messages.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(messages.getByText("Question 1", { exact: true })).toBeInViewport();
  expect(await isRendered()).toBe(true);
  await page.getByRole("button", { name: "Jump to latest" }).click();
  await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
});

for (const where of ["at the top of the loaded messages", "in the middle of the loaded messages"]) {
  test(`a reader ${where} keeps the scroll position while earlier messages load`, async ({ page }) => {
    const { email } = await createSignedInUser(page);
    await page.goto(`/chat/${await insertConversation(email, sampleMessages(messageCount))}`);
    const messages = page.getByRole("log", { name: "Messages" });
    const articles = messages.getByRole("article");
    await expect(messages.getByText(`Answer ${messageCount} ends here.`)).toBeInViewport();
    await messages.evaluate((element, isTop) => {
      element.scrollTop = isTop ? 0 : element.scrollHeight / 2;
    }, where.includes("top"));
    const text = await messages.evaluate((element) => {
      const { top } = element.getBoundingClientRect();
      const questions = [...element.querySelectorAll("article[aria-label=You]")];
      return questions.find((question) => question.getBoundingClientRect().top > top)?.textContent ?? "";
    });
    const read = messages.getByText(text, { exact: true });
    const before = (await read.boundingBox())?.y ?? 0;
    expect(await articles.count()).toBeLessThan(messageCount);
    await expect.poll(() => articles.count(), { timeout: 60_000 }).toBe(messageCount);
    await expect(read).toBeInViewport();
    expect(Math.abs(((await read.boundingBox())?.y ?? 0) - before)).toBeLessThan(4);
  });
}
