import type { Page } from "@playwright/test";
import { pages } from "#app/pages.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";

const minimum = 44;
/** Pages whose path has a parameter are opened from another page; pages of development are for operators. */
const paths = pages.filter(({ path, area }) => !path.includes("[") && area !== "development");
const pathsOf = (area: string) => paths.filter((page) => page.area === area).map(({ path }) => path);

for (const path of pathsOf("public"))
  test(`every target of ${path} is at least ${minimum} pixels on a phone`, ({ page }) =>
    expectLargeTargets(page, path));

test.describe("signed in", () => {
  signInAsAda();
  for (const path of pathsOf("workspace"))
    test(`every target of ${path} is at least ${minimum} pixels on a phone`, ({ page }) =>
      expectLargeTargets(page, path));

  test(`every target of a conversation and of the menu is at least ${minimum} pixels on a phone`, async ({
    page,
  }) => {
    await page.goto("/chat");
    await page.getByRole("button", { name: "Open menu" }).click();
    await expect(page.getByRole("dialog", { name: "Menu" })).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
    await page.getByRole("navigation", { name: "Chats" }).getByRole("link").first().click();
    await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
    await expect(page.locator('[data-rendered="live"]').first()).toBeVisible();
    expect(await smallTargets(page)).toEqual([]);
  });
});

async function expectLargeTargets(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached();
  expect(await smallTargets(page), path).toEqual([]);
}

/**
 * Describes the targets that are smaller (WCAG 2.5.5). Links within a sentence are exempt, and what is only
 * for screen readers; a choice is as large as its label.
 */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate((size) => {
    const selector =
      "a[href], button, summary, select, textarea, input:not([type=hidden]), [role=slider], [role=menuitem]";
    const isInSentence = (element: Element) =>
      getComputedStyle(element).display === "inline" &&
      (element.parentElement?.textContent ?? "").trim() !== (element.textContent ?? "").trim();
    return [...document.querySelectorAll<HTMLElement>(selector)].flatMap((element) => {
      const isChoice = element.matches("[type=radio], [type=checkbox]");
      const target = (isChoice ? element.closest("label") : null) ?? element;
      const { width, height, bottom, right } = target.getBoundingClientRect();
      const isUnseen = width <= 1 || height <= 1 || bottom <= 0 || right <= 0 || !target.checkVisibility();
      if (isUnseen || isInSentence(target) || (width >= size - 0.5 && height >= size - 0.5)) return [];
      const name = element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40) ?? "";
      return [`${element.tagName.toLowerCase()} "${name}" ${Math.round(width)}x${Math.round(height)}`];
    });
  }, minimum);
}
