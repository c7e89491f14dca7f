import { expectAccessible, expectContrast } from "#tests/e2e/accessibility.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";

test("a visitor reads the guide to the API, and the reference opens without requests to other hosts", async ({
  page,
  baseURL,
}) => {
  const hosts = new Set<string>();
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http")) hosts.add(host);
  });
  await page.goto("/");
  await page.getByRole("link", { name: "Read the API documentation" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "API" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Example in Python" })).toContainText(`${baseURL}/api/v1`);
  await expect(page.getByRole("cell", { name: "content_policy_violation" })).toBeVisible();

  await page.getByRole("link", { name: "Reference", exact: true }).click();
  const reference = page.getByRole("region", { name: "Reference" });
  const completions = reference.getByRole("button", { name: "Complete a chat" });
  await expect(completions).toHaveAttribute("aria-expanded", "false");
  await expect(reference.getByRole("status")).toHaveCount(0);
  await expectAccessible(page);

  await completions.click();
  await expect(completions).toHaveAttribute("aria-expanded", "true");
  await expect(reference.getByRole("heading", { name: "Responses" })).toBeVisible();
  await expectAccessible(page, ".opblock.is-open");
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveClass(/\bdark\b/);
  await expectContrast(page);

  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, "horizontal overflow on a phone").toBeLessThanOrEqual(0);
  expect([...hosts]).toEqual([new URL(baseURL ?? "").host]);
});
