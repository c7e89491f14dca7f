import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * Fails on a violation of any rule of WCAG 2.2 A and AA that axe can check.
 * @param part a CSS selector of what changed since the whole page was checked
 */
export async function expectAccessible(page: Page, part?: string): Promise<void> {
  const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  await expectNoViolations(page, { type: "tag", values }, part);
}

/**
 * Fails on insufficient contrast, the only rule whose result can differ in another theme of the same page.
 */
export async function expectContrast(page: Page): Promise<void> {
  await expectNoViolations(page, { type: "rule", values: ["color-contrast"] });
}

async function expectNoViolations(
  page: Page,
  runOnly: { type: "tag" | "rule"; values: string[] },
  part?: string,
): Promise<void> {
  // Next.js streams the title of a page after its content.
  await expect(page).toHaveTitle(/\S/);
  await page.evaluate(untilAnimationsEnd);
  // Without descriptions of passed rules and without a second page for cross-origin frames, which the app
  // does not have: each of the two takes a third of the time.
  const axe = new AxeBuilder({ page }).options({ runOnly, resultTypes: ["violations"] }).setLegacyMode();
  if (part !== undefined) axe.include(part);
  const { violations } = await axe.analyze();
  const descriptions = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, failureSummary }) => `${target}\n  ${failureSummary ?? ""}`).join("\n")}`,
  );
  expect(descriptions, `axe violations on ${page.url()}`).toEqual([]);
}

/**
 * Runs in the page. An element that fades in has its final colors only at the end; endless animations are
 * ignored.
 */
async function untilAnimationsEnd(): Promise<void> {
  const finite = document
    .getAnimations()
    .filter((animation) => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY);
  await Promise.allSettled(finite.map((animation) => animation.finished));
}
