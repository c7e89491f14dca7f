import process, { stdout } from "node:process";
import { chromium } from "@playwright/test";
import lighthouse, { desktopConfig } from "lighthouse";
import { findFreePort } from "#sandbox/ports.ts";
import { seedPassword } from "#sandbox/seed/seed-users.ts";
import startApp from "#tests/e2e/start-app.ts";
import { signIn } from "#tests/e2e/users.ts";

/**
 * `npm run bench:browser` audits pages of the production build with Lighthouse in the local Chromium, as a
 * phone (Lighthouse's default: a slow phone on slow 4G) and as a desktop. The seeded user is signed in for
 * the pages of the app. Prints the scores and the failed audits; exits with 1 when a score is below its
 * target.
 */
const categories = ["performance", "accessibility", "best-practices", "seo"] as const;
type Category = (typeof categories)[number];
type PageUnderTest = { path: string; signedIn: boolean; targets: Partial<Record<Category, number>> };

const perfect = { performance: 100, accessibility: 100, "best-practices": 100, seo: 100 };
/** Pages behind sign-in ask search engines to stay away, so their SEO score has no target. */
const fast = { performance: 95, accessibility: 100, "best-practices": 100 };
const pages: PageUnderTest[] = [
  { path: "/", signedIn: false, targets: perfect },
  { path: "/pricing", signedIn: false, targets: perfect },
  { path: "/sign-in", signedIn: false, targets: perfect },
  { path: "/chat", signedIn: true, targets: fast },
  { path: "/billing", signedIn: true, targets: fast },
];
/** Performance varies between runs: the median of this many runs counts. */
const runs = 3;

const debuggingPort = await findFreePort(9400);
const stopApp = await startApp();
const appUrl = process.env.E2E_APP_URL ?? "";
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
  const cookie = await sessionCookie();
  for (const formFactor of ["phone", "desktop"] as const) {
    stdout.write(`\n${formFactor.padEnd(12)}${categories.map((name) => name.padStart(16)).join("")}\n`);
    for (const page of pages) await report(page, formFactor, page.signedIn ? cookie : null);
  }
} finally {
  await browser.close();
  await stopApp();
}

/** Signs the seeded user in and returns the Cookie header of the session. */
async function sessionCookie(): Promise<string> {
  const context = await browser.newContext({ baseURL: appUrl });
  await signIn(await context.newPage(), "ada@parley.example", seedPassword);
  const cookies = await context.cookies();
  await context.close();
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

async function report(page: PageUnderTest, formFactor: "phone" | "desktop", cookie: string | null) {
  const results: Awaited<ReturnType<typeof audit>>[] = [];
  for (let run = 0; run < runs; run += 1) results.push(await audit(page.path, formFactor, cookie));
  const scores = categories.map((category) => median(results.map((result) => result.scores[category])));
  stdout.write(`${page.path.padEnd(12)}${scores.map((score) => String(score).padStart(16)).join("")}\n`);
  categories.forEach((category, index) => {
    const target = page.targets[category];
    if (target === undefined || (scores[index] ?? 0) >= target) return;
    process.exitCode = 1;
    const failed = results[0]?.failed[category] ?? [];
    for (const line of failed) stdout.write(`  ${category} below ${target}: ${line}\n`);
  });
}

/** Runs Lighthouse once; returns the scores (0 to 100) and the audits that cost points, by category. */
async function audit(path: string, formFactor: "phone" | "desktop", cookie: string | null) {
  const result = await lighthouse(
    `${appUrl}${path}`,
    {
      port: debuggingPort,
      logLevel: "error",
      onlyCategories: [...categories],
      ...(cookie !== null && { extraHeaders: { Cookie: cookie } }),
    },
    formFactor === "desktop" ? desktopConfig : undefined,
  );
  if (result === undefined) throw new Error(`Lighthouse has no result for ${path}.`);
  const { lhr } = result;
  const scores = {} as Record<Category, number>;
  const failed = {} as Record<Category, string[]>;
  for (const name of categories) {
    const category = lhr.categories[name];
    if (category === undefined) throw new Error(`Lighthouse has no category ${name}.`);
    scores[name] = Math.round((category.score ?? 0) * 100);
    failed[name] = category.auditRefs.flatMap((ref) => {
      const outcome = lhr.audits[ref.id];
      const costsPoints = ref.weight > 0 && outcome?.score != null && outcome.score < 1;
      return costsPoints ? [`${outcome.title} (${outcome.displayValue ?? outcome.score})`] : [];
    });
  }
  return { scores, failed };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
