import process, { stdout } from "node:process";
import type { BrowserContext, Page } from "@playwright/test";
import { median } from "#tests/bench/browser/median.ts";
import { insertConversation, sampleMessages } from "#tests/e2e/insert-conversation.ts";

const messageCount = 1_000;
const rounds = 3;
const maxOpenMs = 1_000;
/** Of the frame rate of the plain page, which is 60 per second on an idle machine. */
const minFrameShare = 0.95;
const scrollMs = 4_000;

/**
 * Measures how long a conversation of 1,000 messages takes until its end is visible, and the frame rate while
 * it is scrolled from end to start; both also for a page with the same text in plain paragraphs.
 * @param email the owner of the conversation, who is signed in in the context
 */
export async function measureLongConversation(
  context: BrowserContext,
  pacedUrl: string,
  email: string,
): Promise<void> {
  const id = await insertConversation(email, sampleMessages(messageCount));
  const results = {
    open: [] as number[],
    plainOpen: [] as number[],
    frames: [] as number[],
    plainFrames: [] as number[],
  };
  for (let round = 0; round < rounds; round += 1) {
    const plain = await measure(context, `${pacedUrl}/messages?count=${messageCount}`);
    const chat = await measure(context, `/chat/${id}`);
    results.open.push(chat.openMs);
    results.plainOpen.push(plain.openMs);
    results.frames.push(chat.framesPerSecond);
    results.plainFrames.push(plain.framesPerSecond);
  }
  stdout.write(
    `\n${messageCount.toLocaleString("en")} messages${["chat", "plain text", "ratio"].map((name) => name.padStart(12)).join("")}\n`,
  );
  report("opening, ms", results.open, results.plainOpen);
  report("frames/s", results.frames, results.plainFrames);
  if (median(results.open) > maxOpenMs) fail(`opening above the target of ${maxOpenMs} ms`);
  const share = median(results.frames) / median(results.plainFrames);
  if (share < minFrameShare) fail(`frames below ${minFrameShare * 100} % of the plain page`);
}

function report(name: string, chat: number[], plain: number[]): void {
  const ratio = median(chat.map((value, round) => value / (plain[round] ?? Number.NaN)));
  const cells = [median(chat).toFixed(0), median(plain).toFixed(0), ratio.toFixed(2)];
  stdout.write(`${name.padEnd(14)}${cells.map((cell) => cell.padStart(12)).join("")}\n`);
}

function fail(reason: string): void {
  process.exitCode = 1;
  stdout.write(`  ${reason}\n`);
}

async function measure(context: BrowserContext, url: string) {
  const page = await context.newPage();
  await page.addInitScript(observeEnd, `Answer ${messageCount} ends here.`);
  await page.goto(url);
  const openMs = await page.waitForFunction(() => window.endVisibleMs).then((handle) => handle.jsonValue());
  // Earlier messages are added while the browser is idle.
  await page.waitForFunction(
    (count) => document.querySelectorAll("[role=log] article").length >= count,
    messageCount,
  );
  await page.waitForLoadState("networkidle");
  const framesPerSecond = await scroll(page);
  await page.close();
  return { openMs: openMs ?? Number.NaN, framesPerSecond };
}

declare global {
  interface Window {
    endVisibleMs?: number;
  }
}

/** Notes the first frame after which the given words are in the viewport, since the navigation began. */
function observeEnd(words: string): void {
  const check = () => {
    const last = [...document.querySelectorAll("[role=log] article")].at(-1);
    const { bottom = 0 } = last?.getBoundingClientRect() ?? {};
    const isVisible = last?.textContent?.includes(words) === true && bottom <= window.innerHeight;
    // The second frame starts when the first one has been handed over for painting.
    if (!isVisible) return requestAnimationFrame(check);
    return requestAnimationFrame((now) => {
      window.endVisibleMs = now;
    });
  };
  requestAnimationFrame(check);
}

/** Scrolls from the end to the start at a constant speed; returns the frames per second. */
function scroll(page: Page): Promise<number> {
  return page.evaluate(
    (durationMs) =>
      new Promise<number>((resolve) => {
        const log = document.querySelector("[role=log]");
        const startedAt = performance.now();
        let frames = 0;
        const step = (now: number) => {
          const part = Math.min(1, (now - startedAt) / durationMs);
          if (log !== null) log.scrollTop = (1 - part) * (log.scrollHeight - log.clientHeight);
          if (part === 1) return resolve((1_000 * frames) / (now - startedAt));
          frames += 1;
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
    scrollMs,
  );
}
