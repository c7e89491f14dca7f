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

const names = Object.keys(answers);
const groups = [names.slice(0, names.length / 2), names.slice(names.length / 2)];

// Two tests instead of fourteen: loading the app takes more time than opening an answer in it.
for (const group of groups) {
  test(`answers of ${group.join(", ")} are readable and do not block the page`, async ({ page }) => {
    test.setTimeout(180_000);
    const { email } = await createSignedInUser(page);
    const shortIds = [
      await insertConversation(email, ["Question", "The first short answer."]),
      await insertConversation(email, ["Question", "The second short answer."]),
    ];
    const ids = new Map<string, string>();
    for (const name of group)
      ids.set(name, await insertConversation(email, ["Question", `${answers[name]}\n\nThe end.`]));
    await page.goto("/chat");
    // The scripts are loaded and evaluated; only the answers are measured.
    await page.waitForLoadState("networkidle");
    const openShort = async (index: number, text: string) => {
      await page.locator(`a[href="/chat/${shortIds[index]}"]`).click();
      await expect(page.locator('[data-rendered="live"]')).toContainText(text);
    };
    await observeLongTasks(page);
    await openShort(1, "The second short answer.");
    const firstMs = await longestTaskMs(page);
    for (const [name, id] of ids) {
      await test.step(name, async () => {
        await openShort(0, "The first short answer.");
        await observeLongTasks(page);
        await openShort(1, "The second short answer.");
        const baselineMs = Math.max(firstMs, await longestTaskMs(page));
        await observeLongTasks(page);
        await page.locator(`a[href="/chat/${id}"]`).click();
        await page.waitForURL(`**/chat/${id}`);
        const answer = page.locator('[data-rendered="live"]');
        await expect(answer, name).toContainText("The end.", { timeout: 30_000 });
        // All blocks are formatted.
        await expect(answer.locator("[data-pending]"), name).toHaveCount(0, { timeout: 60_000 });
        await page.waitForLoadState("networkidle");
        // Opening any page takes a long task on a busy machine.
        const limitMs = maxTaskMs + 3 * baselineMs;
        expect.soft(await longestTaskMs(page), `the longest task of ${name} in ms`).toBeLessThan(limitMs);
      });
    }
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
