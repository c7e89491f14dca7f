import type { Page } from "@playwright/test";
import { connect } from "#db/client.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const linkTo = (page: Page, title: string) =>
  page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: title, exact: true });

async function rename(id: string, title: string): Promise<void> {
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  await sql`update conversations set title = ${title} where id = ${id}`;
  await sql.end();
}

test("the tabs of a browser share one feed, the next tab takes over, and a cut connection loses nothing", async ({
  page,
  context,
  allowError,
}) => {
  allowError(/ERR_INTERNET_DISCONNECTED/);
  const feeds: string[] = [];
  context.on("request", (request) => {
    if (request.url().includes("/api/chats/feed")) feeds.push(request.url());
  });
  const { email } = await createSignedInUser(page);
  const id = await insertConversation(email, ["Question", "Answer"]);
  await page.goto("/usage");
  await expect.poll(() => feeds.length).toBeGreaterThan(0);
  const second = await context.newPage();
  await second.goto("/usage");
  await rename(id, "One");
  await expect(linkTo(page, "One")).toBeVisible();
  await expect(linkTo(second, "One")).toBeVisible();
  const open = await page.evaluate(async () => (await navigator.locks.query()).held?.length);
  expect(open).toBe(1);

  await page.close();
  await rename(id, "Two");
  await expect(linkTo(second, "Two")).toBeVisible();

  await context.setOffline(true);
  await rename(id, "Three");
  // A request shows that the connection is cut.
  await second.evaluate(() => fetch("/api/health").catch(() => {}));
  await context.setOffline(false);
  await second.evaluate(() => window.dispatchEvent(new Event("online")));
  await expect(linkTo(second, "Three")).toBeVisible({ timeout: 60_000 });
});

test("signing out on another device ends the feed without further requests", async ({ page }) => {
  const isFeed = (message: { url: () => string }) => message.url().includes("/api/chats/feed");
  const feeds: string[] = [];
  page.on("request", (request) => {
    if (isFeed(request)) feeds.push(request.url());
  });
  const { email } = await createSignedInUser(page);
  await insertConversation(email, ["Question", "Answer"]);
  const connected = page.waitForResponse(isFeed);
  await page.goto("/usage");
  await expect(linkTo(page, "Long")).toBeVisible();
  await connected;
  // The page closes the feed after the last event, or the server's end arrives first.
  const ended = Promise.race([
    page.waitForEvent("requestfinished", isFeed),
    page.waitForEvent("requestfailed", isFeed),
  ]);
  const { sql } = connect(process.env.DATABASE_URL ?? "", { max: 1 });
  await sql`update sessions set revoked_at = now() where user_id = (select id from users where email = ${email})`;
  await sql.end();
  await ended;
  expect(feeds).toHaveLength(1);
});
