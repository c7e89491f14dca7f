import { pages } from "#app/pages.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";
import { signUp } from "#tests/e2e/users.ts";

const localeCookie = (value: string) => ({ name: "locale", value, url: process.env.E2E_APP_URL ?? "" });

test.describe("in a German browser", () => {
  test.use({ locale: "de-DE" });

  test("the language follows the browser until another one is chosen in the footer", async ({ page }) => {
    await page.goto("/sign-in");
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
    await expect(page.getByRole("heading", { level: 1, name: "Anmelden" })).toBeVisible();
    await page.getByRole("button", { name: "English" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  });
});

test("the language of a user's settings also counts in another browser", async ({ page, context }) => {
  await signUp(page);
  await page.goto("/settings");
  await page.getByRole("button", { name: "Deutsch" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
  await context.clearCookies({ name: "locale" });
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("lang", "de");
});

/** Pages that can be opened by their path alone. */
const openPages = pages.filter(({ path, area }) => !path.includes("[") && area !== "development");

for (const width of [360, 1280]) {
  test.describe(`with texts that are half as long again, at ${width} px`, () => {
    test.use({ viewport: { width, height: 800 } });

    for (const { path, requiresSession } of openPages.filter(({ area }) => area !== "operator")) {
      test.describe(path, () => {
        if (requiresSession) signInAsAda();

        test(`${path} does not scroll horizontally`, async ({ page, context }) => {
          await context.addCookies([localeCookie("pseudo")]);
          await page.goto(path);
          await expect(page.getByRole("status", { name: /^Loading/ })).toHaveCount(0);
          const { content, viewport } = await page.evaluate(() => ({
            content: document.documentElement.scrollWidth,
            viewport: document.documentElement.clientWidth,
          }));
          expect(content).toBeLessThanOrEqual(viewport);
        });
      });
    }
  });
}
