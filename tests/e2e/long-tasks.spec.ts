import type { Page } from "@playwright/test";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const length = 65_536;
const row = (cell: string) => `${`| ${cell} `.repeat(200)}|\n`;
const fill = (part: string) => part.repeat(Math.ceil(length / part.length)).slice(0, length);
/**
 * Far above what any answer takes on an idle machine (at most 0.4 s), because this test also runs beside
 * others; what it finds took 10 to 44 s.
 */
const maxTaskMs = 2_000;

const answers: Record<string, string> = {
  "nested lists": Array.from({ length: 255 }, (_, depth) => `${"  ".repeat(depth)}- a`).join("\n"),
  "a long list": fill("- item with **bold** text\n"),
  "runs of emphasis": fill("**********"),
  "open emphasis": fill("*a **b "),
  "open brackets": fill("[a](b "),
  "one long line": fill("abcdefghij"),
  "deep quotes": `${">".repeat(2_000)} deep`,
  "a huge block of code": `\`\`\`ts\n${fill("const a: number = foo(1, 2, 'x');\n")}\`\`\``,
  "a formula in many levels": `$$${"\\frac{1}{".repeat(300)}x${"}".repeat(300)}$$`,
  "many formulas": fill("$$x^2$$ "),
  "unclosed formulas": fill("\\( x "),
  "many headings": fill("# a\n\n"),
  "a long table": `| a | b |\n|---|---|\n${fill("| some *text* | 1,200 |\n")}`,
  "a wide table": `${row("a")}${row("-")}${fill(row("1"))}`,
};

for (const [name, answer] of Object.entries(answers)) {
  test(`an answer of ${name} is readable and does not block the page`, async ({ page }) => {
    const { email } = await createSignedInUser(page);
    const id = await insertConversation(email, ["Question", `${answer}\n\nThe end.`]);
    await page.goto("/chat");
    await page.waitForLoadState("networkidle");
    // The scripts are loaded and evaluated; only the answer is measured.
    const shortId = await insertConversation(email, ["Question", "A short answer."]);
    await page.reload();
    await observeLongTasks(page);
    await page.locator(`a[href="/chat/${shortId}"]`).click();
    await expect(page.locator('[data-rendered="live"]')).toContainText("A short answer.");
    const baselineMs = await longestTaskMs(page);
    await observeLongTasks(page);
    await page.locator(`a[href="/chat/${id}"]`).click();
    await page.waitForURL(`**/chat/${id}`);
    await expect(page.locator('[data-rendered="live"]')).toContainText("The end.", { timeout: 30_000 });
    // All blocks are formatted.
    await expect(page.locator('[data-rendered="live"] [data-pending]')).toHaveCount(0, { timeout: 60_000 });
    await page.waitForLoadState("networkidle");
    // Opening any page takes a long task on a busy machine.
    expect(await longestTaskMs(page), "the longest task in ms").toBeLessThan(maxTaskMs + 3 * baselineMs);
  });
}

declare global {
  interface Window {
    longTasks: number[];
  }
}

function observeLongTasks(page: Page): Promise<void> {
  return page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(Math.round(duration));
    }).observe({ type: "longtask" });
  });
}

function longestTaskMs(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, ...window.longTasks));
}
