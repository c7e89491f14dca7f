import process, { argv } from "node:process";
import { chromium } from "@playwright/test";
import { findFreePort } from "#sandbox/ports.ts";
import { seedPassword } from "#sandbox/seed/seed-users.ts";
import { auditPages } from "#tests/bench/browser/lighthouse.ts";
import { measureLongConversation } from "#tests/bench/browser/long-conversation.ts";
import { startPacedServer } from "#tests/bench/browser/paced-server.ts";
import { measureStreaming } from "#tests/bench/browser/streaming.ts";
import { startAppWith } from "#tests/e2e/start-app.ts";
import { signIn } from "#tests/e2e/users.ts";

/**
 * `npm run bench:browser` measures the production build in the local Chromium: the CPU time of a streaming
 * answer, the opening and scrolling of a conversation of 1,000 messages, and Lighthouse's scores. Exits with
 * 1 when a target is missed. Arguments choose parts: `streaming`, `conversation`, `lighthouse`.
 */
const parts = argv.slice(2);
const isChosen = (part: string) => parts.length === 0 || parts.includes(part);
const email = "ada@parley.example";

const paced = await startPacedServer();
const stopApp = await startAppWith({ OPENAI_BASE_URL: `${paced.url}/v1`, OPENAI_API_KEY: "sk-bench" });
const debuggingPort = await findFreePort(9400);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    `--remote-debugging-port=${debuggingPort}`,
  ],
});
try {
  const appUrl = process.env.E2E_APP_URL ?? "";
  const context = await browser.newContext({ baseURL: appUrl, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await signIn(page, email, seedPassword);
  await page.close();
  const cookies = await context.cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  if (isChosen("streaming")) await measureStreaming(context, paced.url);
  if (isChosen("conversation")) await measureLongConversation(context, paced.url, email);
  if (isChosen("lighthouse")) await auditPages({ appUrl, debuggingPort, cookie });
} finally {
  await browser.close();
  await stopApp();
  paced.stop();
}
