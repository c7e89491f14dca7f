import type { Page } from "@playwright/test";
import { asAda, expect, test } from "#tests/e2e/fixtures.ts";
import { budgetsKib } from "#tests/first-load.ts";

asAda();

for (const [path, budgetKib] of Object.entries(budgetsKib)) {
  test(`${path} asks for less than ${budgetKib} KiB of compressed JavaScript before it rests`, async ({
    page,
  }) => {
    const scripts = await loadScripts(page, path);
    expect(scripts.length, "scripts").toBeGreaterThan(0);
    const kib = scripts.reduce((sum, { bytes }) => sum + bytes, 0) / 1024;
    const list = scripts.map(({ url, bytes }) => `${(bytes / 1024).toFixed(1)} KiB ${url}`).join("\n");
    expect(kib, list).toBeLessThan(budgetKib);
  });
}

/** Every script that a page fetches with nothing in the cache, until the network rests: bytes as they came over the wire. */
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
