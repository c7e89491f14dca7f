import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { messageField, send } from "#tests/e2e/chat-page.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

/**
 * A console error fails a test, as in fixtures.ts, except for requests that fail offline: the browser logs
 * those of prefetches and of the list's feed, and none or several of them occur.
 */
const test = base.extend<{ consoleGuard: undefined }>({
  consoleGuard: [
    async ({ context }, use) => {
      const errors: string[] = [];
      context.on("console", (message) => {
        const isOffline = message.text().includes("ERR_INTERNET_DISCONNECTED");
        if (message.type() === "error" && !isOffline) errors.push(message.text());
      });
      context.on("weberror", (error) => errors.push(String(error.error())));
      await use(undefined);
      expect(errors, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});
test.use({ serviceWorkers: "allow" });

test("a page that is loaded offline shows the offline page and returns by itself", async ({
  page,
  context,
}) => {
  const { email } = await createSignedInUser(page);
  const id = await insertConversation(email, ["Question", "A private answer."]);
  await page.goto(`/chat/${id}`);
  await untilControlled(page);
  expect(await cachedPaths(page)).toEqual(["/offline.html"]);

  await context.setOffline(true);
  await page.reload();
  await expect(page.getByRole("heading", { name: "You’re offline" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Try again" })).toBeVisible();
  await expect(page.getByRole("heading")).toHaveCount(1);
  expect(await page.content()).not.toContain("A private answer.");
  await untilRetried(page);

  await context.setOffline(false);
  await expect(page.getByText("A private answer.")).toBeVisible();
  expect(new URL(page.url()).pathname).toBe(`/chat/${id}`);
  await send(page, "table");
  await expect(page.getByRole("table").last()).toBeVisible();
});

test("the offline page has the language of the last page", async ({ page, context }) => {
  await createSignedInUser(page);
  await context.addCookies([{ name: "locale", value: "de", url: process.env.E2E_APP_URL ?? "" }]);
  await page.goto("/privacy");
  await untilControlled(page);
  await context.setOffline(true);
  await page.goto("/billing");
  await expect(page.getByRole("heading", { name: "Sie sind offline" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await untilRetried(page);
});

test("the worker of a new build replaces the old one, and no script comes from a cache", async ({
  page,
  context,
}) => {
  await createSignedInUser(page);
  await page.goto("/sw.js");
  // What an earlier build has left: its worker, and a cache with one of its scripts.
  await page.evaluate(async () => {
    const cache = await caches.open("scripts-of-an-old-build");
    await cache.put("/_next/static/chunks/old.js", new Response("throw new Error('stale')"));
    await navigator.serviceWorker.register("/sw.js?version=old", { updateViaCache: "none" });
    await navigator.serviceWorker.ready;
  });
  await page.goto("/chat");
  await expect.poll(() => workerVersion(page)).not.toBe("old");
  await expect.poll(() => page.evaluate(() => caches.keys())).toHaveLength(1);
  expect(await cachedPaths(page)).toEqual(["/offline.html"]);
  const fromWorker = await scriptsFromWorker(page, context);
  expect(fromWorker.scripts).toBeGreaterThan(5);
  expect(fromWorker.served).toEqual([]);
  await expect(messageField(page)).toBeVisible();
});

/** Waits until the page's worker controls it, so that the next load goes through the worker. */
async function untilControlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === "activated");
}

/** Waits until the offline page has looked for the server in vain. */
async function untilRetried(page: Page): Promise<void> {
  await page.waitForEvent("requestfailed", (request) => request.method() === "HEAD");
}

function workerVersion(page: Page): Promise<string | null> {
  return page.evaluate(() => {
    const { controller } = navigator.serviceWorker;
    return controller === null ? "old" : new URL(controller.scriptURL).searchParams.get("version");
  });
}

function cachedPaths(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const requests = await Promise.all(
      (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
    );
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
}

/** Reloads the page and returns how many scripts it loads, and which of them the worker answered. */
async function scriptsFromWorker(page: Page, context: BrowserContext) {
  let scripts = 0;
  const served: string[] = [];
  context.on("response", (response) => {
    if (!response.url().endsWith(".js") || response.request().serviceWorker() !== null) return;
    scripts += 1;
    if (response.fromServiceWorker()) served.push(response.url());
  });
  await page.reload();
  await page.waitForLoadState("networkidle");
  return { scripts, served };
}
