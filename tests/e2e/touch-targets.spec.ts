import { pages } from "#app/pages.ts";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";
import { minimumPixels, smallTargets } from "#tests/e2e/small-targets.ts";

/**
 * The pages that `screens.spec.ts` does not open, which checks the targets of the others. Pages whose path
 * has a parameter are opened from another page; pages of development are for operators.
 */
const paths = pages.filter(
  ({ path, area, inScreenWalk }) => !path.includes("[") && area !== "development" && !inScreenWalk,
);
const pathsOf = (area: string) => paths.filter((page) => page.area === area).map(({ path }) => path);

for (const path of pathsOf("public"))
  test(`every target of ${path} is at least ${minimumPixels} pixels on a phone`, ({ page }) =>
    expectLargeTargets(page, path));

test.describe("signed in", () => {
  signInAsAda();
  for (const path of pathsOf("workspace"))
    test(`every target of ${path} is at least ${minimumPixels} pixels on a phone`, ({ page }) =>
      expectLargeTargets(page, path));
});

async function expectLargeTargets(page: Parameters<typeof smallTargets>[0], path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeAttached();
  expect(await smallTargets(page), path).toEqual([]);
}
