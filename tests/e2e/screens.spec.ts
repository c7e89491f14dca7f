import { pages } from "#app/pages.ts";
import { expectAccessible, expectContrast } from "#tests/e2e/accessibility.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";
import { smallTargets } from "#tests/e2e/small-targets.ts";

const screens = pages.filter(({ inScreenWalk }) => inScreenWalk);
const publicScreens = screens.filter(({ requiresSession }) => !requiresSession).map(({ path }) => path);
const ownScreens = screens.filter(({ requiresSession }) => requiresSession).map(({ path }) => path);

for (const path of publicScreens) {
  test(`${path} has no errors and is accessible for a signed-out visitor`, async ({ page, isMobile }) => {
    await inBothThemes(page, isMobile, async () => {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    });
  });
}

test.describe("signed in", () => {
  signInAsAda();

  for (const path of ownScreens) {
    test(`${path} has no errors and is accessible for a signed-in user`, async ({ page, isMobile }) => {
      await inBothThemes(page, isMobile, async () => {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
        await expect(page.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
        await expectNoDocumentScroll(page);
      });
    });
  }

  test("a conversation opened from the list has no errors and is accessible", async ({ page, isMobile }) => {
    await inBothThemes(page, isMobile, async () => {
      await page.goto("/chat");
      if (isMobile) {
        await page.getByRole("button", { name: "Open menu" }).click();
        await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
        expect(await smallTargets(page), "small targets of the menu").toEqual([]);
        await expectAccessible(page);
      }
      await page.getByRole("navigation", { name: "Chats" }).getByRole("link").first().click();
      await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
      await expect(page.getByRole("article", { name: /^Answer by/ }).first()).toBeVisible();
      // The code that renders answers is loaded with the first answer.
      await expect(page.getByRole("group", { name: "Code" }).first()).toBeVisible();
      // Syntax highlighting and math load later and change the page.
      await page.waitForLoadState("networkidle");
    });
  });
});

test("workspace pages redirect a signed-out visitor to sign-in with the requested path", async ({ page }) => {
  for (const path of ownScreens) {
    await page.goto(path);
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    expect(new URL(page.url()).searchParams.get("next")).toBe(path);
  }
});

type Page = Parameters<typeof expectAccessible>[0];

/**
 * Checks a screen in one system theme (light on desktop, dark on a phone), then switches to the other one. On
 * a phone, every target is large enough for a finger.
 */
async function inBothThemes(page: Page, isPhone: boolean, open: () => Promise<void>): Promise<void> {
  const themes = isPhone ? (["dark", "light"] as const) : (["light", "dark"] as const);
  await page.emulateMedia({ colorScheme: themes[0] });
  await open();
  await expectTheme(page, themes[0]);
  await expectNoHorizontalScroll(page);
  if (isPhone) expect(await smallTargets(page), "small targets").toEqual([]);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: themes[1] });
  await expectTheme(page, themes[1]);
  await expectContrast(page);
}

async function expectTheme(page: Page, scheme: "light" | "dark"): Promise<void> {
  await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${scheme}\\b`));
}

/** Fails if the page scrolls horizontally (WCAG 1.4.10). */
async function expectNoHorizontalScroll(page: Page): Promise<void> {
  const { wide, screen } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  expect(wide, "width of the page").toBeLessThanOrEqual(screen);
}

/** Fails if the document scrolls vertically: only the content inside the app shell may scroll. */
async function expectNoDocumentScroll(page: Page): Promise<void> {
  const { long, screen } = await page.evaluate(() => ({
    long: document.documentElement.scrollHeight,
    screen: document.documentElement.clientHeight,
  }));
  expect(long, "length of the document").toBeLessThanOrEqual(screen);
}
