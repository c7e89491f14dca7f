import { asAda, expect, expectAccessible, expectContrast, test } from "#tests/e2e/fixtures.ts";

const publicScreens = ["/", "/pricing", "/sign-in", "/sign-up", "/forgot-password", "/magic-link"];
const ownScreens = ["/chat", "/keys", "/settings", "/usage", "/billing", "/billing/plan"];

for (const path of publicScreens) {
  test(`a stranger sees ${path} without errors, and can reach all of it`, async ({ page, isMobile }) => {
    await inBothThemes(page, isMobile, async () => {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    });
  });
}

test.describe("signed in", () => {
  asAda();

  for (const path of ownScreens) {
    test(`Ada sees ${path} without errors, and can reach all of it`, async ({ page, isMobile }) => {
      await inBothThemes(page, isMobile, async () => {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
        await expect(page.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
        await expectFramed(page);
      });
    });
  }

  test("Ada opens a conversation of hers from the list", async ({ page, isMobile }) => {
    await inBothThemes(page, isMobile, async () => {
      await page.goto("/chat");
      if (isMobile) {
        await page.getByRole("button", { name: "Open the menu" }).click();
        await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
        await expectAccessible(page);
      }
      await page.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
      await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
      await expect(page.getByRole("article", { name: /^Answer by/ }).first()).toBeVisible();
      // What draws answers comes with the first of them; until then its place is empty.
      await expect(page.getByRole("group", { name: "Code" }).first()).toBeVisible();
      // What colours code and draws math comes by itself, and changes what there is to see.
      await page.waitForLoadState("networkidle");
    });
  });
});

test("without a sign-in the pages behind it lead to the sign-in page, and back", async ({ page }) => {
  for (const path of ownScreens) {
    await page.goto(path);
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    expect(new URL(page.url()).searchParams.get("next")).toBe(path);
  }
});

type Page = Parameters<typeof expectAccessible>[0];

/** Opens a screen in one theme (a desktop in the light, a phone in the dark), and lets the system change to the other. */
async function inBothThemes(page: Page, isDarkFirst: boolean, open: () => Promise<void>): Promise<void> {
  const themes = isDarkFirst ? (["dark", "light"] as const) : (["light", "dark"] as const);
  await page.emulateMedia({ colorScheme: themes[0] });
  await open();
  await expectTheme(page, themes[0]);
  await expectNoSideways(page);
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: themes[1] });
  await expectTheme(page, themes[1]);
  await expectContrast(page);
}

async function expectTheme(page: Page, scheme: "light" | "dark"): Promise<void> {
  await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${scheme}\\b`));
}

/** Nothing is wider than the screen (WCAG 1.4.10). */
async function expectNoSideways(page: Page): Promise<void> {
  const { wide, screen } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    screen: document.documentElement.clientWidth,
  }));
  expect(wide, "width of the page").toBeLessThanOrEqual(screen);
}

/** Pages scroll within their frame; a document longer than the screen would move the frame itself away. */
async function expectFramed(page: Page): Promise<void> {
  const { long, screen } = await page.evaluate(() => ({
    long: document.documentElement.scrollHeight,
    screen: document.documentElement.clientHeight,
  }));
  expect(long, "length of the document").toBeLessThanOrEqual(screen);
}
