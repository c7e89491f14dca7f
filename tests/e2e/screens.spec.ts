import { asAda, expect, expectAccessible, test } from "#tests/e2e/fixtures.ts";

const schemes = ["light", "dark"] as const;
const publicScreens = ["/", "/pricing", "/sign-in", "/sign-up", "/forgot-password", "/magic-link"];
const ownScreens = ["/chat", "/keys", "/settings", "/usage", "/billing", "/billing/plan"];

for (const colorScheme of schemes) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const path of publicScreens) {
      test(`a stranger sees ${path} without errors, and can reach all of it`, async ({ page }) => {
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectTheme(page, colorScheme);
        await expectNoSideways(page);
        await expectAccessible(page);
      });
    }

    test.describe("signed in", () => {
      asAda();

      for (const path of ownScreens) {
        test(`Ada sees ${path} without errors, and can reach all of it`, async ({ page }) => {
          await page.goto(path);
          await expect(page.getByRole("heading", { level: 1 })).toBeAttached();
          await expect(page.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
          await expectTheme(page, colorScheme);
          await expectNoSideways(page);
          await expectAccessible(page);
        });
      }

      test("Ada opens a conversation of hers from the list", async ({ page, isMobile }) => {
        await page.goto("/chat");
        if (isMobile) {
          await page.getByRole("button", { name: "Open the menu" }).click();
          await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
          await expectAccessible(page);
        }
        await page.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
        await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
        await expect(page.getByRole("article", { name: /^Answer by/ }).first()).toBeVisible();
        // What colours code and draws math comes by itself, and changes what there is to see.
        await page.waitForLoadState("networkidle");
        await expectNoSideways(page);
        await expectAccessible(page);
      });
    });
  });
}

test("without a sign-in the pages behind it lead to the sign-in page, and back", async ({ page }) => {
  for (const path of ownScreens) {
    await page.goto(path);
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    expect(new URL(page.url()).searchParams.get("next")).toBe(path);
  }
});

type Page = Parameters<typeof expectAccessible>[0];

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
