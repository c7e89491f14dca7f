import type { Browser, Page } from "@playwright/test";
import { connect } from "#db/client.ts";
import { expectReceipt, lastAnswer, messageField, send } from "#tests/e2e/chat-page.ts";
import { type FaultyNetwork, startFaultyNetwork } from "#tests/e2e/faulty-network.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { createSignedInUser, signInByCookie } from "#tests/e2e/users.ts";

// Browsers log every lost connection, so these pages are not those of the fixtures.

let network: FaultyNetwork;
test.beforeEach(async () => {
  network = await startFaultyNetwork();
});
test.afterEach(() => network.close());

/** Opens a page whose connections pass the faulty network. */
async function openPage(browser: Browser): Promise<Page> {
  const baseURL = process.env.E2E_APP_URL ?? "";
  const context = await browser.newContext({ baseURL, proxy: { server: network.server } });
  return context.newPage();
}

const chatPath = /^\/api\/openai\/chat$/;
const anyChatPath = /^\/api\/openai\/chat(\/.*\/stream)?$/;
const articles = (page: Page) => page.getByRole("article");
const paragraphs = (page: Page) => lastAnswer(page).locator("p, li").allTextContents();

/** What the database has of a user's messages and charges. */
async function readBooks(email: string) {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  const [row] = await sql<{ questions: number; answers: number; charges: number; holds: number }[]>`
    select (select count(*) from messages m where m.workspace_id = w.id and role = 'user')::int as questions,
      (select count(*) from messages m where m.workspace_id = w.id and role = 'assistant' and status = 'done')::int as answers,
      (select count(*) from openai_interactions i where i.workspace_id = w.id and charged_micros > 0)::int as charges,
      (select count(*) from holds h where h.workspace_id = w.id)::int as holds
    from users u join workspaces w on w.personal_user_id = u.id where u.email = ${email}`;
  await sql.end();
  return row;
}

/** Words that the sandbox repeats, long enough for many events. */
const words = (name: string) => Array.from({ length: 60 }, (_, index) => `${name}${index}`).join(" ");

test("one send is one answer and one charge, whatever the network loses, cuts, delays and repeats", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  const page = await openPage(browser);
  const { email } = await createSignedInUser(page);
  await page.goto("/chat");
  const posts: string[] = [];
  page.on("request", (request) => {
    if (chatPath.test(new URL(request.url()).pathname)) posts.push(request.url());
  });

  await test.step("a double click sends once", async () => {
    await expect(async () => {
      await messageField(page).fill("say exactly: twice");
      await expect(page.getByRole("button", { name: "Send", exact: true })).toBeEnabled({ timeout: 1_000 });
    }).toPass();
    await page.getByRole("button", { name: "Send", exact: true }).dblclick();
    await expectReceipt(page);
    expect(posts).toHaveLength(1);
    await expect(articles(page)).toHaveCount(2);
  });

  await test.step("a lost response is repeated by itself", async () => {
    network.fail({ path: chatPath, times: 2, cutAfterBytes: 0 });
    await send(page, `say exactly: ${words("lost")}`);
    await expectReceipt(page);
    await expect(lastAnswer(page)).toContainText(words("lost"));
    await expect(articles(page)).toHaveCount(4);
  });

  await test.step("a message whose every response was lost leaves its field once it has arrived", async () => {
    network.fail({ path: chatPath, times: 3, cutAfterBytes: 0 });
    await send(page, "long 900 tokens");
    await expect(page.getByText("We can’t reach the server.")).toBeVisible({ timeout: 30_000 });
    // The feed reports the end of the answer.
    await expect(messageField(page)).toHaveValue("", { timeout: 30_000 });
    await expectReceipt(page);
    await expect(page.getByText("We can’t reach the server.")).toBeHidden();
    await expect(articles(page)).toHaveCount(6);
  });

  await test.step("a stream that is cut again and again, slowly, is complete", async () => {
    network.slowDown(40);
    network.fail({ path: anyChatPath, times: 4, cutAfterBytes: 400 });
    network.fail({ path: anyChatPath, times: 1, cutAfterBytes: 0, isSwallowed: true });
    await send(page, `say exactly: ${words("cut")}`);
    await expectReceipt(page);
    await expect(lastAnswer(page)).toContainText(words("cut"));
    network.slowDown(0);
  });

  await test.step("a laptop that is closed during an answer shows it when it is opened again", async () => {
    await send(page, "long 900 tokens");
    await expect(lastAnswer(page).locator("p").first()).toBeVisible();
    const device = await page.context().newCDPSession(page);
    await device.send("Page.setWebLifecycleState", { state: "frozen" });
    network.setUp(false);
    await expect.poll(async () => (await readBooks(email))?.answers, { timeout: 60_000 }).toBe(5);
    network.setUp(true);
    await device.send("Page.setWebLifecycleState", { state: "active" });
    await page.evaluate(() => window.dispatchEvent(new Event("online")));
    await expectReceipt(page);
  });

  const shown = await paragraphs(page);
  await page.reload();
  await expectReceipt(page);
  expect(await paragraphs(page)).toEqual(shown);
  await expect(articles(page)).toHaveCount(10);
  expect(await readBooks(email)).toEqual({ questions: 5, answers: 5, charges: 5, holds: 5 });
  await page.context().close();
});

test("a first message whose every response was lost is sent again by hand and answered once", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const page = await openPage(browser);
  const { email } = await createSignedInUser(page);
  await page.goto("/chat");
  network.fail({ path: chatPath, times: 3, cutAfterBytes: 0 });
  await send(page, `say exactly: ${words("hand")}`);
  await expect(page.getByText("We can’t reach the server.")).toBeVisible({ timeout: 30_000 });
  await expect(messageField(page)).toHaveValue(`say exactly: ${words("hand")}`);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await expectReceipt(page);
  await expect(lastAnswer(page)).toContainText(words("hand"));
  await page.reload();
  await expect(articles(page)).toHaveCount(2);
  expect(await readBooks(email)).toEqual({ questions: 1, answers: 1, charges: 1, holds: 1 });
  await page.context().close();
});

test("two tabs and a second device that send at once keep every message as a branch", async ({ browser }) => {
  test.setTimeout(120_000);
  const first = await openPage(browser);
  const { email } = await createSignedInUser(first);
  await first.goto("/chat");
  await send(first, "say exactly: root");
  await expectReceipt(first);
  await expect(first).toHaveURL(/\/chat\/[0-9a-f-]+$/);
  const second = await first.context().newPage();
  const device = await openPage(browser);
  await signInByCookie(device, email);
  const pages = [first, second, device];
  for (const page of [second, device]) {
    await page.goto(first.url());
    await expectReceipt(page);
  }
  network.slowDown(60);
  await holdUntilAllSend(pages);
  await Promise.all(pages.map((page, index) => send(page, `say exactly: from ${index}`)));
  await expect
    .poll(async () => await readBooks(email), { timeout: 60_000 })
    .toEqual({ questions: 4, answers: 4, charges: 4, holds: 4 });
  network.slowDown(0);
  for (const page of pages) {
    await page.reload();
    await expectReceipt(page);
    // The message that was sent last is shown, and the others are its versions.
    await expect(
      page
        .getByRole("article", { name: "You" })
        .last()
        .getByText(/^\d \/ 3$/),
    ).toBeVisible();
  }
  for (const context of new Set(pages.map((page) => page.context()))) await context.close();
});

/** Holds the requests until every page has sent one, so that no page has seen another one's message. */
async function holdUntilAllSend(pages: Page[]): Promise<void> {
  const all = Promise.withResolvers<void>();
  const senders = new Set<Page>();
  for (const page of pages)
    await page.route(
      ({ pathname }) => chatPath.test(pathname),
      async (route) => {
        senders.add(page);
        if (senders.size === pages.length) all.resolve();
        await all.promise;
        await route.continue();
      },
    );
}
