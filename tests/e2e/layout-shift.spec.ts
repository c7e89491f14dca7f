import { devices, type Page } from "@playwright/test";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation, sampleMessages } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const { userAgent, deviceScaleFactor, isMobile, hasTouch } = devices["Pixel 7"];
const screens = [
  { name: "a desktop", use: { viewport: { width: 1280, height: 800 } } },
  {
    name: "a phone",
    use: { viewport: { width: 390, height: 844 }, userAgent, deviceScaleFactor, isMobile, hasTouch },
  },
];
const maxShift = 0.02;

for (const { name, use } of screens) {
  test.describe(name, () => {
    test.use(use);
    test(`an unsent draft of several lines does not move the messages on ${name}`, async ({ page }) => {
      const { email } = await createSignedInUser(page);
      const id = await insertConversation(email, messagesWithProse(10));
      await page.goto("/privacy");
      const draft = "One\nTwo\nThree\nFour\nFive";
      await page.evaluate(([key, text]) => localStorage.setItem(`draft:${key}`, text ?? ""), [id, draft]);
      await throttle(page);
      const scripts = await holdScripts(page);
      await observeLayout(page, "Answer 10 ends here.");
      await page.goto(`/chat/${id}`, { waitUntil: "commit" });
      const log = page.getByRole("log", { name: "Messages" });
      const field = page.getByRole("textbox", { name: "Message", exact: true });
      await expect(log.getByText("Answer 10 ends here.")).toBeInViewport();
      await expect(field).toHaveValue(draft);
      await page.evaluate(() => document.fonts.ready.then(() => {}));
      expect(await log.evaluate(distanceFromEnd), "distance from the end before any script").toBeLessThan(2);

      scripts.release();
      await expect(page.locator('[data-rendered="live"]').last()).toBeAttached({ timeout: 60_000 });
      await expect(page.getByRole("button", { name: "Send" })).toBeEnabled();
      await expect(field).toHaveValue(draft);
      expect((await readLayout(page)).shift, "cumulative layout shift").toBeLessThan(maxShift);
    });
    for (const count of [2, 50, 500]) {
      test(`C18: ${count} messages are painted at their end on ${name} and do not move or vanish`, async ({
        page,
      }) => {
        const { email } = await createSignedInUser(page);
        const id = await insertConversation(email, messagesWithProse(count));
        const lastWords = `Answer ${count} ends here.`;
        const endThrottling = await throttle(page);
        const scripts = await holdScripts(page);
        await observeLayout(page, lastWords);

        await page.goto(`/chat/${id}`, { waitUntil: "commit" });
        const log = page.getByRole("log", { name: "Messages" });
        await expect(log.getByText(lastWords)).toBeInViewport();
        const positionBefore = await log.evaluate(distanceFromEnd);
        expect(positionBefore, "distance from the end before any script").toBeLessThan(2);

        scripts.release();
        const article = page.getByRole("article").last();
        await expect(article.getByRole("group", { name: "Code" })).toHaveAttribute("tabindex", "0");
        await expect(article.locator('[data-rendered="live"]')).toBeAttached({ timeout: 60_000 });
        // The page is hydrated; what follows is too small to depend on the speed.
        await endThrottling();
        // Earlier messages are added above while the browser is idle; a part of 500 is enough.
        const articles = page.getByRole("article");
        await expect
          .poll(() => articles.count(), { timeout: 60_000 })
          .toBeGreaterThanOrEqual(Math.min(count, 90));
        await page.waitForLoadState("networkidle");
        expect(await log.evaluate(distanceFromEnd)).toBeLessThan(2);
        const { shift, vanished } = await readLayout(page);
        expect(vanished, "frames in which the last answer was missing").toBe(0);
        expect(shift, "cumulative layout shift").toBeLessThan(maxShift);
      });
    }
  });
}

const distanceFromEnd = (element: Element) =>
  Math.abs(element.scrollHeight - element.scrollTop - element.clientHeight);

/** Sample messages whose answers begin with a paragraph of several lines and math. */
function messagesWithProse(count: number): string[] {
  const prose = "The quick brown fox jumps over the lazy dog, and nobody is surprised. ".repeat(6);
  return sampleMessages(count).map((text, index) =>
    index % 2 === 0 ? text : `${prose}\n\nThe area is $$\\pi r^2$$:\n\n$$\n\\int_0^1 x^2 dx\n$$\n\n${text}`,
  );
}

/**
 * A mid-range phone on a slow mobile network, as Lighthouse simulates them.
 * @returns ends the simulation, in which Chromium uses the CPU for waiting too
 */
async function throttle(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await devtools.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: (1_600 * 1024) / 8,
    uploadThroughput: (750 * 1024) / 8,
  });
  return async () => {
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  };
}

/** Holds back every script file until `release` is called, so that the first paint can be examined. */
async function holdScripts(page: Page): Promise<{ release: () => void }> {
  const released = Promise.withResolvers<void>();
  await page.route("**/_next/static/**/*.js", async (route) => {
    await released.promise;
    await route.continue();
  });
  return { release: () => released.resolve() };
}

type Layout = { shift: number; vanished: number; wasSeen: boolean };
declare global {
  interface Window {
    layout: Layout;
  }
}

/** Sums all layout shifts of the page and counts the frames in which a text is missing after it was there. */
async function observeLayout(page: Page, text: string): Promise<void> {
  await page.addInitScript((expected) => {
    const layout: Layout = { shift: 0, vanished: 0, wasSeen: false };
    window.layout = layout;
    new PerformanceObserver((list) => {
      // The DOM library does not declare LayoutShift yet.
      for (const entry of list.getEntries()) layout.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
    const check = () => {
      const isThere = document.querySelector("[role=log]")?.textContent?.includes(expected) === true;
      if (layout.wasSeen && !isThere) layout.vanished += 1;
      layout.wasSeen ||= isThere;
      requestAnimationFrame(check);
    };
    requestAnimationFrame(check);
  }, text);
}

function readLayout(page: Page): Promise<Layout> {
  return page.evaluate(() => window.layout);
}
