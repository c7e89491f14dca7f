import process, { stdout } from "node:process";
import type { BrowserContext, Page } from "@playwright/test";
import { median } from "#tests/bench/browser/median.ts";
import { tokensPerSecond } from "#tests/bench/browser/paced-server.ts";
import { send } from "#tests/e2e/chat-page.ts";

/** How long an answer is, in characters, when the measurement starts. */
const lengths = [1_000, 20_000, 40_000];
const rounds = 3;
const windowMs = 8_000;
const warmUpMs = 3_000;
/** Of one core, for the whole renderer process: script, style, layout and painting. */
const maxCpuPercent = 15;

/**
 * Measures the CPU time of a tab that shows a streaming answer, and of one that appends the same tokens as
 * plain text. They alternate; the median of the rounds counts.
 */
export async function measureStreaming(context: BrowserContext, pacedUrl: string): Promise<void> {
  stdout.write(`\nCPU of the renderer at ${tokensPerSecond} tokens/s, in percent of a core\n`);
  stdout.write(
    `${["characters", "chat", "plain text", "ratio"].map((name) => name.padStart(12)).join("")}\n`,
  );
  for (const length of lengths) {
    const chat: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      plain.push(await measurePlain(context, `${pacedUrl}/plain?from=${length}`));
      chat.push(await measureChat(context, length));
    }
    const ratio = median(chat.map((value, round) => value / (plain[round] ?? Number.NaN)));
    const cells = [length, median(chat).toFixed(1), median(plain).toFixed(1), ratio.toFixed(2)];
    stdout.write(`${cells.map((cell) => String(cell).padStart(12)).join("")}\n`);
    if (median(chat) < maxCpuPercent) continue;
    process.exitCode = 1;
    stdout.write(`  above the target of ${maxCpuPercent} %\n`);
  }
}

async function measurePlain(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage();
  await page.goto(url);
  const percent = await measureCpu(page);
  await page.close();
  return percent;
}

async function measureChat(context: BrowserContext, length: number): Promise<number> {
  const page = await context.newPage();
  await page.goto("/chat");
  await send(page, `from ${length}`);
  await page.locator('[data-rendered="live"]').waitFor();
  // Earlier parts of a long answer are formatted while the browser is idle.
  await page.waitForFunction(() => document.querySelector("[data-pending]") === null);
  const percent = await measureCpu(page);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("button", { name: "Send" }).waitFor();
  await page.close();
  return percent;
}

/** Returns the CPU time of the page's renderer process within the window, in percent of a core. */
async function measureCpu(page: Page): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const read = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
    return { cpuSeconds: metric("ProcessTime"), atSeconds: metric("Timestamp") };
  };
  await page.waitForTimeout(warmUpMs);
  const before = await read();
  await page.waitForTimeout(windowMs);
  const after = await read();
  return (100 * (after.cpuSeconds - before.cpuSeconds)) / (after.atSeconds - before.atSeconds);
}
