import type { Page } from "@playwright/test";
import { expect, signInAsAda, test } from "#tests/e2e/fixtures.ts";
import { budgetsKib } from "#tests/first-load.ts";

signInAsAda();

for (const [path, budgetKib] of Object.entries(budgetsKib)) {
  test(`${path} loads less than ${budgetKib} KiB of compressed JavaScript before the network is idle`, async ({
    page,
  }) => {
    const scripts = await loadScripts(page, path);
    expect(scripts.length, "scripts").toBeGreaterThan(0);
    const kib = scripts.reduce((sum, { bytes }) => sum + bytes, 0) / 1024;
    const list = scripts.map(({ url, bytes }) => `${(bytes / 1024).toFixed(1)} KiB ${url}`).join("\n");
    expect(kib, list).toBeLessThan(budgetKib);
  });
}

/**
 * Returns the scripts that a page fetches with an empty cache until the network is idle; bytes as
 * transferred.
 */
async function loadScripts(page: Page, path: string): Promise<{ url: string; bytes: number }[]> {
  const scripts: Promise<{ url: string; bytes: number }>[] = [];
  page.on("requestfinished", (request) => {
    const url = new URL(request.url()).pathname;
    if (url.endsWith(".js"))
      scripts.push(request.sizes().then(({ responseBodySize }) => ({ url, bytes: responseBodySize })));
  });
  await page.goto(path, { waitUntil: "networkidle" });
  return Promise.all(scripts);
}
