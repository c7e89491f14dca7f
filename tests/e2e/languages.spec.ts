import type { Page } from "@playwright/test";
import { pages } from "#app/pages.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { signInByCookie, signUp } from "#tests/e2e/users.ts";

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

/** Opens every page of some areas, those with parameters by a link from another page. */
async function openEach(page: Page, areas: string[], check: (path: string) => Promise<void>): Promise<void> {
  for (const { path } of pages.filter(({ area }) => areas.includes(area))) {
    const target = path.includes("[") ? await findLink(page, path) : path;
    if (target === null) continue;
    await page.goto(target);
    await page.waitForLoadState("networkidle");
    await check(path);
  }
}

/** The first link on the parent page that leads to a page with parameters. */
async function findLink(page: Page, path: string): Promise<string | null> {
  const parent = path.slice(0, path.indexOf("/["));
  if (path.indexOf("[") !== path.lastIndexOf("[") || !pages.some((page) => page.path === parent)) return null;
  await page.goto(parent);
  return page.locator(`a[href^="${parent}/"]:not([href*="?"])`).first().getAttribute("href");
}

/** The elements that make the page wider than the screen; empty if it does not scroll horizontally. */
function findOverflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .map((element) => `${element.tagName} ${element.textContent?.slice(0, 40) ?? ""}`)
      .slice(-3);
  });
}

test.describe("with texts that are half as long again, at 360 and at 1280 px", () => {
  /** Opens each page once, as wide as a phone, and makes it wide then. */
  const expectToFit = async (page: Page, areas: string[]) => {
    await page.context().addCookies([localeCookie("pseudo")]);
    const overflowing: Record<string, string[]> = {};
    await page.setViewportSize({ width: 360, height: 800 });
    await openEach(page, areas, async (path) => {
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        const elements = await findOverflow(page);
        if (elements.length > 0) overflowing[`${path} at ${width} px`] = elements;
      }
      await page.setViewportSize({ width: 360, height: 800 });
    });
    expect(overflowing).toEqual({});
  };

  test("no public page scrolls horizontally", async ({ page }) => {
    await expectToFit(page, ["public"]);
  });

  test("no page of the app scrolls horizontally", async ({ page }) => {
    await signInByCookie(page, "ada@parley.example");
    await expectToFit(page, ["workspace"]);
  });

  test("no page of the operator console scrolls horizontally", async ({ page }) => {
    await signInByCookie(page, "operator@parley.example");
    await expectToFit(page, ["operator"]);
  });
});
