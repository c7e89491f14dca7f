import process, { stdout } from "node:process";
import lighthouse, { desktopConfig } from "lighthouse";
import { median } from "#tests/bench/browser/median.ts";

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

/** The browser that Lighthouse controls, and the session of the pages behind sign-in. */
type Target = { appUrl: string; debuggingPort: number; cookie: string };

/** Audits the pages as a phone (Lighthouse's default: a slow phone on slow 4G) and as a desktop. */
export async function auditPages(target: Target): Promise<void> {
  for (const formFactor of ["phone", "desktop"] as const) {
    stdout.write(`\n${formFactor.padEnd(12)}${categories.map((name) => name.padStart(16)).join("")}\n`);
    for (const page of pages) await report(page, formFactor, target);
  }
}

async function report(page: PageUnderTest, formFactor: "phone" | "desktop", target: Target) {
  const results: Awaited<ReturnType<typeof audit>>[] = [];
  for (let run = 0; run < runs; run += 1) results.push(await audit(page, formFactor, target));
  const scores = categories.map((category) => median(results.map((result) => result.scores[category])));
  stdout.write(`${page.path.padEnd(12)}${scores.map((score) => String(score).padStart(16)).join("")}\n`);
  categories.forEach((category, index) => {
    const least = page.targets[category];
    if (least === undefined || (scores[index] ?? 0) >= least) return;
    process.exitCode = 1;
    const failed = results[0]?.failed[category] ?? [];
    for (const line of failed) stdout.write(`  ${category} below ${least}: ${line}\n`);
  });
}

/** Runs Lighthouse once; returns the scores (0 to 100) and the audits that cost points, by category. */
async function audit({ path, signedIn }: PageUnderTest, formFactor: "phone" | "desktop", target: Target) {
  const result = await lighthouse(
    `${target.appUrl}${path}`,
    {
      port: target.debuggingPort,
      logLevel: "error",
      onlyCategories: [...categories],
      ...(signedIn && { extraHeaders: { Cookie: target.cookie } }),
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
