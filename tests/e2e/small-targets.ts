import type { Page } from "@playwright/test";

/** The least width and height of a target on a phone. */
export const minimumPixels = 44;

/**
 * Describes the targets that are smaller (WCAG 2.5.5). Links within a sentence are exempt, and what is only
 * for screen readers; a choice is as large as its label.
 */
export function smallTargets(page: Page): Promise<string[]> {
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
  }, minimumPixels);
}
