import { readFile } from "node:fs/promises";
import type { Download, Locator } from "@playwright/test";
import { expectAccessible } from "#tests/e2e/accessibility.ts";
import { lastAnswer } from "#tests/e2e/chat-page.ts";
import { expect, test } from "#tests/e2e/fixtures.ts";
import { insertConversation } from "#tests/e2e/insert-conversation.ts";
import { createSignedInUser } from "#tests/e2e/users.ts";

const longLine = `const long = "${"wide ".repeat(60)}";`;
const markdown = `\`\`\`ts\nconst a = 1;\n${longLine}\n\`\`\`\n\n| item | value |\n|---|---|\n| =SUM(A1) | -5 |\n| "quoted", here | **bold** |`;
const csv = 'item,value\r\n\'=SUM(A1),-5\r\n"""quoted"", here",bold\r\n';

test("code can be wrapped and saved, and a table copied and saved as CSV", async ({ page, context }) => {
  test.setTimeout(90_000);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { email } = await createSignedInUser(page);
  const id = await insertConversation(email, ["Show both", markdown]);
  await page.goto(`/chat/${id}`);
  const answer = lastAnswer(page);
  await expect(answer.locator('[data-rendered="live"]')).toBeVisible({ timeout: 30_000 });

  await test.step("a long line scrolls until it is wrapped, by keyboard", async () => {
    const code = answer.getByRole("group", { name: "Code" });
    await expect.poll(() => isWider(code)).toBe(true);
    const wrap = answer.getByRole("button", { name: "Wrap long lines" });
    await wrap.press("Enter");
    await expect(wrap).toHaveAttribute("aria-pressed", "true");
    await expect.poll(() => isWider(code)).toBe(false);
    await expectAccessible(page);
  });

  await test.step("code is saved under its language's ending, without line numbers", async () => {
    const saving = page.waitForEvent("download");
    await answer.getByRole("button", { name: "Download code" }).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe("code.ts");
    expect(await textOf(file)).toBe(`const a = 1;\n${longLine}\n`);
  });

  await test.step("a table is copied and saved as CSV, without formulas", async () => {
    const menu = answer.getByRole("button", { name: "Table actions" });
    await menu.press("Enter");
    await page.getByRole("menuitem", { name: "Copy as CSV" }).press("Enter");
    await expect(page.getByText("Copied")).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(csv);
    await menu.click();
    const saving = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Download as CSV" }).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe("table.csv");
    expect(await textOf(file)).toBe(`\uFEFF${csv}`);
  });
});

const isWider = (element: Locator) => element.evaluate((one) => one.scrollWidth > one.clientWidth + 1);
const textOf = async (file: Download) => readFile(await file.path(), "utf8");
